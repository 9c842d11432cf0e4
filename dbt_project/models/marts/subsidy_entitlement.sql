-- What was due: one row a programme, facility and month (or once), with the value that decided each condition in a
-- column of the condition's name: these follow from seeds/subsidy_conditions.csv, so no model contract can name them.
-- Kept by period; entitlement_basis says what a period follows from.
-- depends_on: {{ ref('entitlement_basis') }}
{{ config(
    contract={"enforced": false},
    materialized="incremental",
    on_schema_change="fail",
    period="period",
    basis="entitlement_basis",
    batch=24,
    sorted_by=["period"],
    post_hook="{{ condition_comments() }}"
) }}
{% set not_monthly = as_literals(
    "select programme_code from " ~ ref("subsidy_programmes") ~ " where frequency <> 'monthly' order by 1") %}
{% set asked_for = as_literals(
    "select distinct requires_paid from " ~ ref("subsidy_programmes") ~ " where requires_paid is not null order by 1") %}
with preceding as (

    -- a payment that another programme asks for (spec §8: paid on or before the month judged)
    select
        programme_code,
        facility_id,
        min(first_paid_month) as paid_month
    from {{ ref('subsidy_payment') }}
    where
        paid_amount_yuan > 0
        and {{ among('programme_code', asked_for) }}
    group by programme_code, facility_id

),

ledgers as (

    select distinct region_code
    from {{ ref('county_month') }}
    where register = 'subsidy_ledger'

),

-- a month's own, and every month of what is due once or by the year
told as (

    select *
    from {{ ref('entitlement_month') }}
    where {{ among('delivery_period') }} and programme_code not in ({{ not_monthly }})
    union all
    select *
    from {{ ref('entitlement_month') }}
    where {{ among('programme_code', not_monthly) }}

),

judged as (

    select
        told.*,
        programmes.frequency,
        programmes.unit_amount,
        programmes.base_unit,
        programmes.requires_paid,
        preceding.paid_month,
        told.is_met and case
            when programmes.requires_paid is null then true
            when preceding.paid_month <= told.delivery_period then true
            when ledgers.region_code is not null then false
        end as is_due
    from told
    inner join {{ ref('subsidy_programmes') }} as programmes
        on told.programme_code = programmes.programme_code
    left join preceding
        on programmes.requires_paid = preceding.programme_code and told.facility_id = preceding.facility_id
    left join ledgers
        on told.region_code = ledgers.region_code

),

-- what is due once falls due in the first month in which all conditions hold, what is due by the year is judged on its
-- last month; where none is due, the last month in which one cannot be told, else the last month, says why not
placed as (

    select
        *,
        case frequency
            when 'one_off' then 'once'
            when 'annual' then substr(delivery_period, 1, 4)
        end as period,
        row_number() over (
            partition by
                programme_code, facility_id, case when frequency = 'annual' then substr(delivery_period, 1, 4) end
            order by
                case when frequency = 'annual' then delivery_period end desc,
                case when is_due then 0 when is_due is null then 1 else 2 end,
                case when is_due then delivery_period else '9999' end,
                delivery_period desc
        ) as place
    from judged
    where frequency <> 'monthly'

),

settled as (

    select *
    from placed
    union all
    select
        *,
        delivery_period as period,
        1 as place
    from judged
    where frequency = 'monthly'

)

select
    cast(programme_code as string) as programme_code,
    cast(facility_id as string) as facility_id,
    cast(region_code as string) as region_code,
    cast(period as string) as period,
    base_quantity,
    cast(base_unit as string) as base_unit,
    cast(unit_amount as decimal(18, 6)) as unit_amount_yuan,
    case
        when is_due is null then null
        when not is_due then cast(0 as decimal(18, 2))
        else {{ money('base_quantity * cast(unit_amount as decimal(18, 6))') }}
    end as due_amount_yuan,
    cast(delivery_period as string) as due_month,
    nullif(concat_ws(
        '|', unmet_conditions,
        case
            when
                coalesce(is_met, true)
                and requires_paid is not null
                and coalesce(paid_month > delivery_period, not is_due, false)
                then requires_paid
        end
    ), '') as unmet_conditions,
    nullif(concat_ws(
        '|', unknown_conditions, case when is_met and is_due is null then requires_paid end
    ), '') as unknown_conditions,
    {% for key in condition_columns() %}
    {{ key }},
    {% endfor %}
    paid_month as required_payment,
    cast(facility_name as string) as facility_name,
    is_closed,
    closed_on,
    delivery_path as register_path,
    delivery_row as register_row,
    case when base_unit like '人%' and base_quantity between 1 and 4 then 'C' else 'F' end as conf_status
from settled
where place = 1 and period in ({{ anew() }})
