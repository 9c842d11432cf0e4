-- Due beside paid, with what is found: one row a key of subsidy_entitlement or subsidy_payment. The sum of differences
-- is paid − due by programme and county, over the rows that can be assessed.
with keys as (

    select
        programme_code,
        facility_id,
        region_code,
        period
    from {{ ref('subsidy_entitlement') }}
    union
    select
        programme_code,
        facility_id,
        region_code,
        period
    from {{ ref('subsidy_payment') }}

),

last_ledger as (

    select
        region_code,
        max(delivery_period) as last_month
    from {{ ref('county_month') }}
    where register = 'subsidy_ledger'
    group by region_code

),

beside as (

    select
        keys.*,
        programmes.name_zh as programme_name,
        programmes.unit_amount,
        due.programme_code is not null as is_judged,
        case when due.programme_code is not null then due.due_amount_yuan else orphan.due_amount_yuan end as due_amount,
        coalesce(due.due_month, orphan.judged_month) as judged_month,
        due.unmet_conditions,
        due.unknown_conditions,
        due.base_quantity,
        orphan.cause,
        orphan.listed_month,
        coalesce(due.is_closed, orphan.is_closed, false) as is_closed,
        coalesce(due.facility_name, orphan.facility_name) as facility_name,
        coalesce(due.register_path, orphan.register_path) as register_path,
        coalesce(due.register_row, orphan.register_row) as register_row,
        -- nothing paid is known only where the ledger of the month, or of a later one, was delivered
        case
            when paid.programme_code is not null then paid.paid_amount_yuan
            when last_ledger.last_month >= due.due_month then cast(0 as decimal(18, 2))
        end as paid_amount,
        coalesce(paid.returned_yuan, 0) as returned,
        coalesce(paid.approved_yuan, 0) as approved,
        coalesce(paid.repeated_yuan, 0) as repeated,
        coalesce(paid.repeated_entries, 0) as repeated_entries,
        coalesce(paid.wrong_unit_amounts, 0) as wrong_unit_amounts,
        paid.equal_amount_yuan,
        coalesce(paid.persons_paid_again, 0) as persons_paid_again,
        before_.former_facility_id,
        coalesce(paid.conf_status, 'F') as conf_status
    from keys
    inner join {{ ref('subsidy_programmes') }} as programmes
        on keys.programme_code = programmes.programme_code
    left join {{ ref('subsidy_entitlement') }} as due
        on
            keys.programme_code = due.programme_code
            and keys.facility_id = due.facility_id
            and keys.region_code = due.region_code
            and keys.period = due.period
    left join {{ ref('subsidy_payment') }} as paid
        on
            keys.programme_code = paid.programme_code
            and keys.facility_id = paid.facility_id
            and keys.region_code = paid.region_code
            and keys.period = paid.period
    left join {{ ref('payment_without_entitlement') }} as orphan
        on
            keys.programme_code = orphan.programme_code
            and keys.facility_id = orphan.facility_id
            and keys.region_code = orphan.region_code
            and keys.period = orphan.period
    left join last_ledger
        on keys.region_code = last_ledger.region_code
    left join {{ ref('place_paid_before') }} as before_
        on
            keys.programme_code = before_.programme_code
            and keys.facility_id = before_.facility_id
            and keys.period = 'once'

),

marked as (

    select
        *,
        paid_amount - due_amount as difference,
        due_amount is null or paid_amount is null as is_not_assessable,
        paid_amount > 0 and is_closed as is_after_closing,
        repeated_entries > 0 or former_facility_id is not null
        or coalesce(due_amount > 0 and paid_amount - due_amount >= equal_amount_yuan, false)
        or coalesce(due_amount > 0 and paid_amount > due_amount and persons_paid_again > 0, false) as is_paid_twice,
        due_amount = 0 and paid_amount > 0 as is_without_entitlement,
        wrong_unit_amounts > 0 as is_wrong_unit,
        paid_amount < due_amount and returned > 0 as is_returned
    from beside

),

named as (

    select
        *,
        {% set verdicts = [
            ('not_assessable', 'is_not_assessable'),
            ('after_closing', 'is_after_closing'),
            ('paid_twice', 'is_paid_twice'),
            ('paid_without_entitlement', 'is_without_entitlement'),
            ('wrong_unit_amount', 'is_wrong_unit'),
            ('returned', 'is_returned'),
            ('overpaid', 'paid_amount > due_amount'),
            ('underpaid', 'paid_amount < due_amount'),
        ] %}
        case
            {% for finding, verdict in verdicts %}
            when {{ verdict }} then '{{ finding }}'
            {% endfor %}
            else 'consistent'
        end as finding,
        nullif(concat_ws(
            '|',
            {% for finding, verdict in verdicts %}
            case when {{ verdict }} then '{{ finding }}' end{{ "," if not loop.last }}
            {% endfor %}
        ), '') as all_findings,
        coalesce(
            nullif(abs(difference), 0),
            nullif(repeated, 0),
            case when is_not_assessable then greatest(coalesce(paid_amount, 0), coalesce(due_amount, 0)) end,
            0
        ) as at_stake
    from marked

)

select
    cast(named.programme_code as varchar) as programme_code,
    cast(named.programme_name as varchar) as programme_name,
    cast(named.facility_id as varchar) as facility_id,
    cast(named.facility_name as varchar) as facility_name,
    cast(named.region_code as varchar) as region_code,
    cast(names.today_name as varchar) as region_name,
    cast(named.period as varchar) as period,
    {{ money('named.due_amount') }} as due_amount_yuan,
    {{ money('named.paid_amount') }} as paid_amount_yuan,
    {{ money('named.difference') }} as difference_yuan,
    cast(named.finding as varchar) as finding,
    cast(findings.name_zh as varchar) as finding_name,
    cast(named.all_findings as varchar) as all_findings,
    cast({{ audit_reason('named') }} as varchar) as reason,
    {{ money('named.at_stake') }} as amount_at_stake_yuan,
    cast(row_number() over (
        order by
            case named.finding when 'consistent' then 2 when 'not_assessable' then 1 else 0 end,
            named.at_stake desc, named.programme_code asc, named.region_code asc, named.facility_id asc,
            named.period asc
    ) as bigint) as rank,
    {{ money('named.approved') }} as approved_yuan,
    {{ money('named.returned') }} as returned_yuan,
    cast(named.register_path as varchar) as register_path,
    cast(named.register_row as bigint) as register_row,
    cast(named.conf_status as varchar) as conf_status
from named
inner join {{ ref('subsidy_findings') }} as findings
    on named.finding = findings.finding
left join {{ ref('region_today') }} as names
    on named.region_code = names.region_code
order by rank
