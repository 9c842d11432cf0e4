-- Payments that no entitlement stands beside, and why none does: one row a key of subsidy_payment. due_amount_yuan 0:
-- it can be told that nothing was due; NULL: it cannot. As far as periods are audited anew.
-- depends_on: {{ ref('audit_basis') }}
{{ config(materialized="incremental", period="period", follows="subsidy_audit", batch=12) }}
with unmatched as (

    select
        payments.*,
        programmes.kind,
        programmes.payee,
        programmes.register,
        programmes.frequency,
        programmes.unit_amount,
        substr(cast(programmes.valid_from as string), 1, 7) as first_month,
        substr(cast(programmes.valid_to as string), 1, 7) as last_valid_month,
        case when payments.period like '____-__' then payments.period else payments.last_month end as judged_month,
        substr(payments.period, 1, 4) as year_
    from {{ ref('subsidy_payment') }} as payments
    inner join {{ ref('subsidy_programmes') }} as programmes
        on payments.programme_code = programmes.programme_code
    left join {{ ref('subsidy_entitlement') }} as due
        on
            payments.programme_code = due.programme_code
            and payments.facility_id = due.facility_id
            and payments.region_code = due.region_code
            and payments.period = due.period
            and {{ among('due.period') }}
    where due.programme_code is null and {{ among('payments.period') }}

),

-- the register's last word on the facility, up to the month
last_word as (

    select
        unmatched.programme_code,
        unmatched.facility_id,
        unmatched.region_code,
        unmatched.period,
        listed.region_code as listed_in,
        listed.delivery_period as listed_month,
        listed.shown_name,
        listed.is_closed,
        listed.closed_on,
        listed.delivery_path,
        listed.delivery_row,
        row_number() over (
            partition by
                unmatched.programme_code, unmatched.facility_id, unmatched.region_code, unmatched.period
            order by listed.delivery_period desc, listed.delivery_path asc, listed.delivery_row asc
        ) as recency
    from unmatched
    inner join {{ ref('registered_month') }} as listed
        on unmatched.facility_id = listed.facility_id and unmatched.judged_month >= listed.delivery_period
    where unmatched.kind = 'subsidy' and unmatched.payee = 'facility'

),

ever as (

    select
        register,
        region_code,
        max(delivery_period) as last_delivered
    from {{ ref('county_month') }}
    group by register, region_code

),

told as (

    select
        unmatched.*,
        last_word.listed_in,
        last_word.listed_month,
        last_word.shown_name,
        last_word.closed_on,
        last_word.delivery_path,
        last_word.delivery_row,
        coalesce(last_word.is_closed, false) as is_closed,
        scope.region_code is not null as is_in_scope,
        case
            when unmatched.frequency = 'monthly' then delivered_.region_code is not null
            else ever.region_code is not null
        end as is_register_delivered,
        coalesce(delivered_.refused_rows, 0) as refused_rows
    from unmatched
    left join last_word
        on
            unmatched.programme_code = last_word.programme_code
            and unmatched.facility_id = last_word.facility_id
            and unmatched.region_code = last_word.region_code
            and unmatched.period = last_word.period
            and last_word.recency = 1
    left join {{ ref('programme_region') }} as scope
        on unmatched.programme_code = scope.programme_code and unmatched.region_code = scope.region_code
    left join {{ ref('county_month') }} as delivered_
        on
            unmatched.register = delivered_.register
            and unmatched.region_code = delivered_.region_code
            and unmatched.judged_month = delivered_.delivery_period
    left join ever
        on
            unmatched.register = ever.register
            and unmatched.region_code = ever.region_code
            and coalesce(unmatched.first_month, '') <= ever.last_delivered

),

explained as (

    select
        *,
        case
            when kind <> 'subsidy' then 'rule'
            when not is_in_scope then 'out_of_scope'
            when unit_amount is null then 'no_amount'
            when payee <> 'facility' then 'no_register_of_persons'
            when facility_id = '_Z' then 'no_facility'
            when period = 'unknown' then 'no_month'
            when frequency = 'monthly' and period < first_month then 'before_validity'
            when frequency = 'monthly' and period > last_valid_month then 'after_validity'
            when frequency = 'annual' and year_ < substr(first_month, 1, 4) then 'before_validity'
            when frequency = 'annual' and year_ > substr(last_valid_month, 1, 4) then 'after_validity'
            when listed_in <> region_code and listed_month = judged_month then 'elsewhere'
            when not is_register_delivered then 'no_register'
            when is_closed then 'closed'
            when listed_in <> region_code then 'elsewhere'
            when refused_rows > 0 then 'refused'
            else 'not_listed'
        end as cause
    from told

)

select
    programme_code,
    facility_id,
    region_code,
    period,
    judged_month,
    cause,
    case
        when cause in ('no_amount', 'no_register_of_persons', 'no_facility', 'no_month', 'no_register', 'refused')
            then null
        else cast(0 as decimal(18, 2))
    end as due_amount_yuan,
    is_closed,
    closed_on,
    refused_rows,
    shown_name as facility_name,
    delivery_path as register_path,
    delivery_row as register_row
from explained
