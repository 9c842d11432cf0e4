-- Due beside paid, with what is found: one row a key of subsidy_entitlement or subsidy_payment. Kept by month; see
-- audit_basis for what an audit depends on. The last row of each month, without a key, says that it was audited.
-- depends_on: {{ ref('audit_basis') }}
{{ config(
    database='history',
    schema='months',
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_audited(this) }}"
) }}
{% set months = audited_anew(this) %}
with due as (

    select *
    from {{ ref('subsidy_entitlement') }}
    where {{ audited_period('period', months) }}

),

paid as (

    select *
    from {{ ref('subsidy_payment') }}
    where {{ audited_period('period', months) }}

),

beside as (

    select
        coalesce(due.programme_code, paid.programme_code) as programme_code,
        coalesce(due.facility_id, paid.facility_id) as facility_id,
        coalesce(due.region_code, paid.region_code) as region_code,
        coalesce(due.period, paid.period) as period,
        due.programme_code is not null as is_judged,
        paid.programme_code is not null as is_told,
        due.due_amount_yuan,
        due.due_month,
        due.unmet_conditions,
        due.unknown_conditions,
        due.base_quantity,
        due.is_closed,
        due.closed_on,
        due.facility_name,
        due.register_path,
        due.register_row,
        paid.paid_amount_yuan,
        coalesce(paid.returned_yuan, 0) as returned,
        coalesce(paid.approved_yuan, 0) as approved,
        coalesce(paid.repeated_yuan, 0) as repeated,
        coalesce(paid.repeated_entries, 0) as repeated_entries,
        paid.wrong_unit_amount_yuan as wrong_unit_amount,
        paid.equal_amount_yuan as equal_amount,
        coalesce(paid.persons_paid_again, 0) as persons_paid_again,
        paid.first_paid_month,
        paid.last_delivery,
        least(due.conf_status, paid.conf_status) as conf_status
    from due
    full outer join paid
        on
            due.programme_code = paid.programme_code
            and due.facility_id = paid.facility_id
            and due.region_code = paid.region_code
            and due.period = paid.period

),

told as (

    select
        beside.programme_code,
        beside.facility_id,
        beside.region_code,
        beside.period,
        beside.is_judged,
        beside.unmet_conditions,
        beside.unknown_conditions,
        beside.base_quantity,
        beside.returned,
        beside.approved,
        beside.repeated,
        beside.repeated_entries,
        beside.equal_amount,
        beside.persons_paid_again,
        beside.first_paid_month,
        beside.last_delivery,
        beside.due_month,
        beside.conf_status,
        programmes.frequency,
        programmes.unit_amount,
        programmes.base_unit,
        programmes.base_zh,
        orphan.cause,
        case when beside.is_judged then beside.due_amount_yuan else orphan.due_amount_yuan end as due_amount,
        coalesce(beside.due_month, orphan.judged_month) as judged_month,
        coalesce(beside.is_closed, orphan.is_closed, false) as is_closed,
        coalesce(beside.closed_on, orphan.closed_on) as closed_on,
        coalesce(beside.facility_name, orphan.facility_name) as facility_name,
        coalesce(beside.register_path, orphan.register_path) as register_path,
        coalesce(beside.register_row, orphan.register_row) as register_row,
        -- nothing paid is known only where the county's ledgers reach the month
        case
            when beside.is_told then beside.paid_amount_yuan
            when ledgers.first_month <= beside.due_month and ledgers.last_month >= beside.due_month
                then cast(0 as decimal(18, 2))
        end as paid_amount,
        case when beside.wrong_unit_amount <> programmes.unit_amount then beside.wrong_unit_amount end
            as wrong_unit_amount,
        coalesce(orphan.refused_rows, 0) as refused_in_register,
        coalesce(ledger.refused_rows, 0) as refused_in_ledger,
        before_.former_facility_id
    from beside
    inner join {{ ref('subsidy_programmes') }} as programmes
        on beside.programme_code = programmes.programme_code
    left join {{ ref('payment_without_entitlement') }} as orphan
        on
            beside.programme_code = orphan.programme_code
            and beside.facility_id = orphan.facility_id
            and beside.region_code = orphan.region_code
            and beside.period = orphan.period
    left join {{ ref('county_ledger') }} as ledgers
        on beside.region_code = ledgers.region_code
    left join {{ ref('county_month') }} as ledger
        on
            ledger.register = 'subsidy_ledger'
            and beside.region_code = ledger.region_code
            and coalesce(beside.due_month, orphan.judged_month) = ledger.delivery_period
    left join {{ ref('place_paid_before') }} as before_
        on
            beside.programme_code = before_.programme_code
            and beside.facility_id = before_.facility_id
            and beside.period = 'once'

),

marked as (

    select
        *,
        paid_amount - due_amount as difference,
        due_amount is null or paid_amount is null as is_not_assessable,
        paid_amount > 0 and is_closed as is_after_closing,
        repeated_entries > 0 or former_facility_id is not null
        or coalesce(due_amount > 0 and paid_amount - due_amount >= equal_amount, false)
        or coalesce(due_amount > 0 and paid_amount > due_amount and persons_paid_again > 0, false) as is_paid_twice,
        due_amount = 0 and paid_amount > 0 as is_without_entitlement,
        -- another price that was put right is no finding
        wrong_unit_amount is not null
        and not coalesce(paid_amount = due_amount and returned > 0, false) as is_wrong_unit,
        paid_amount < due_amount and returned > 0 as is_returned
    from told

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
            nullif(abs(repeated), 0),
            case when is_not_assessable then greatest(coalesce(paid_amount, 0), coalesce(due_amount, 0)) end,
            0
        ) as at_stake
    from marked

)

select
    named.programme_code,
    named.facility_id,
    named.facility_name,
    named.region_code,
    named.period,
    basis.basis,
    {{ money('named.due_amount') }} as due_amount,
    {{ money('named.paid_amount') }} as paid_amount,
    {{ money('named.difference') }} as difference,
    named.finding,
    named.all_findings,
    {{ audit_reason('named') }} as reason,
    {{ money('named.at_stake') }} as at_stake,
    case
        -- nothing to look for where nothing was due and no ledger reaches
        when named.finding = 'consistent' or (named.finding = 'not_assessable' and named.at_stake = 0) then null
        when named.cause = 'no_amount' then 3
        when named.finding = 'not_assessable' then 2
        else 1
    end as urgency,
    {{ money('named.approved') }} as approved,
    {{ money('named.returned') }} as returned,
    named.register_path,
    named.register_row,
    named.conf_status
from named
left join {{ ref('audit_basis') }} as basis
    on named.period = basis.period
union all
select
    null as programme_code,
    null as facility_id,
    null as facility_name,
    null as region_code,
    period,
    basis,
    null as due_amount,
    null as paid_amount,
    null as difference,
    null as finding,
    null as all_findings,
    null as reason,
    null as at_stake,
    null as urgency,
    null as approved,
    null as returned,
    null as register_path,
    null as register_row,
    null as conf_status
from {{ ref('audit_basis') }}
where period in ({{ months | join(", ") }})
