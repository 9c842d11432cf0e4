-- Due beside paid, with what is found: one row a key of subsidy_entitlement or subsidy_payment. The sum of differences
-- is paid − due by programme and county, over the rows that can be assessed. Findings are ranked within their period,
-- errors first. Kept by period; audit_basis says what the audit of a period depends on.
-- depends_on: {{ ref('audit_basis') }} {{ ref('subsidy_programmes') }} {{ ref('subsidy_conditions') }}
{{ config(
    materialized="incremental",
    on_schema_change="fail",
    period="period",
    basis="audit_basis",
    batch=12,
    sorted_by=["period"]
) }}
with due as (

    select *
    from {{ ref('subsidy_entitlement') }}
    where {{ among('period') }}

),

paid as (

    select *
    from {{ ref('subsidy_payment') }}
    where {{ among('period') }}

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
    cast(named.programme_code as string) as programme_code,
    cast(programmes.name_zh as string) as programme_name,
    cast(named.facility_id as string) as facility_id,
    cast(named.facility_name as string) as facility_name,
    cast(named.region_code as string) as region_code,
    cast(names.today_name as string) as region_name,
    cast(named.period as string) as period,
    {{ money('named.due_amount') }} as due_amount_yuan,
    {{ money('named.paid_amount') }} as paid_amount_yuan,
    {{ money('named.difference') }} as difference_yuan,
    cast(named.finding as string) as finding,
    cast(findings.name_zh as string) as finding_name,
    cast(named.all_findings as string) as all_findings,
    cast({{ audit_reason('named') }} as string) as reason,
    {{ money('named.at_stake') }} as amount_at_stake_yuan,
    {{ rank_of_finding() }} as rank,
    {{ money('named.approved') }} as approved_yuan,
    {{ money('named.returned') }} as returned_yuan,
    cast(named.register_path as string) as register_path,
    cast(named.register_row as bigint) as register_row,
    cast(named.conf_status as string) as conf_status
from named
inner join {{ ref('subsidy_programmes') }} as programmes
    on named.programme_code = programmes.programme_code
inner join {{ ref('subsidy_findings') }} as findings
    on named.finding = findings.finding
left join {{ ref('region_today') }} as names
    on named.region_code = names.region_code
