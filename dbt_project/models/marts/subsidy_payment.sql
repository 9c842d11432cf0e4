-- What was paid: one row a programme, facility, county and month paid for (or year, or once). The same payment_id paid
-- in two months counts once. Kept by what is paid for; made anew where other files tell of it.
-- depends_on: {{ ref('payment_basis') }}
{{ config(
    materialized="incremental",
    on_schema_change="fail",
    period="period",
    basis="payment_basis",
    batch=12,
    sorted_by=["period"]
) }}
with entries as (

    select *
    from {{ ref('ledger_entry') }}
    where {{ among('period') }}

),

totals as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        sum(net_amount) as net_amount,
        sum(case when net_amount > 0 then net_amount end) as gross,
        sum(case when net_amount < 0 then -net_amount end) as returned,
        sum(case when payment_status = 'approved' then amount end) as approved,
        sum(net_base_quantity) as quantity,
        sum(missing_quantities) as missing_quantities,
        sum(entries) as entries,
        sum(case when payee_kind = 'person' then entries else 0 end) as person_entries,
        -- persons of different rows may be the same: never more than there are
        max(persons) as persons,
        count(case when payee_kind = 'facility' and payment_status = 'paid' then 1 end) as facility_payments,
        min(case when payment_status = 'paid' then first_paid_on end) as first_paid_on,
        max(case when payment_status = 'paid' then last_paid_on end) as last_paid_on,
        min(
            case
                when payment_status = 'paid'
                    then coalesce(substr(cast(first_paid_on as string), 1, 7), delivery_period)
            end
        ) as first_paid_month,
        max(month_) as last_month,
        max(delivery_period) as last_delivery
    from entries
    group by programme_code, facility_id, region_code, period

),

repeats as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        sum(net_amount) as net_amount,
        sum(net_base_quantity) as net_base_quantity,
        count(*) as entries
    from {{ ref('payment_repeated') }}
    where period in ({{ anew() }})
    group by programme_code, facility_id, region_code, period

),

-- money paid and kept at another unit amount than the programme's
other_units as (

    select
        entries.programme_code,
        entries.facility_id,
        entries.region_code,
        entries.period,
        entries.unit_amount
    from entries
    inner join {{ ref('subsidy_programmes') }} as programmes
        on entries.programme_code = programmes.programme_code
    where entries.unit_amount <> programmes.unit_amount
    group by entries.programme_code, entries.facility_id, entries.region_code, entries.period, entries.unit_amount
    having sum(entries.net_amount) > 0

),

wrong_units as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        min(unit_amount) as unit_amount
    from other_units
    group by programme_code, facility_id, region_code, period

),

-- amounts that stand more than once among what a facility was paid and kept
kept_amounts as (

    select
        entries.programme_code,
        entries.facility_id,
        entries.region_code,
        entries.period,
        abs(entries.net_amount) as amount
    from entries
    inner join totals
        on
            entries.programme_code = totals.programme_code
            and entries.facility_id = totals.facility_id
            and entries.region_code = totals.region_code
            and entries.period = totals.period
    where entries.payee_kind = 'facility' and totals.facility_payments > 1
    group by
        entries.programme_code, entries.facility_id, entries.region_code, entries.period, abs(entries.net_amount)
    having sum(sign(entries.net_amount)) >= 2

),

equal_amounts as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        min(amount) as amount
    from kept_amounts
    group by programme_code, facility_id, region_code, period

),

again as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        sum(persons) as persons
    from {{ ref('person_paid_again') }}
    where period in ({{ anew() }})
    group by programme_code, facility_id, region_code, period

)

select
    cast(totals.programme_code as string) as programme_code,
    cast(totals.facility_id as string) as facility_id,
    cast(totals.region_code as string) as region_code,
    cast(totals.period as string) as period,
    {{ money('totals.net_amount - coalesce(repeats.net_amount, 0)') }} as paid_amount_yuan,
    {{ money('coalesce(totals.gross, 0)') }} as gross_paid_yuan,
    {{ money('coalesce(totals.returned, 0)') }} as returned_yuan,
    {{ money('coalesce(totals.approved, 0)') }} as approved_yuan,
    {{ money('coalesce(repeats.net_amount, 0)') }} as repeated_yuan,
    {{ quantity('totals.quantity - coalesce(repeats.net_base_quantity, 0)') }} as paid_quantity,
    cast(totals.missing_quantities as integer) as missing_quantities,
    cast(totals.entries as integer) as entries,
    cast(totals.person_entries as integer) as person_entries,
    cast(coalesce(repeats.entries, 0) as integer) as repeated_entries,
    cast(wrong_units.unit_amount as decimal(18, 6)) as wrong_unit_amount_yuan,
    {{ money('equal_amounts.amount') }} as equal_amount_yuan,
    cast(coalesce(again.persons, 0) as integer) as persons_paid_again,
    totals.first_paid_on,
    totals.last_paid_on,
    cast(totals.first_paid_month as string) as first_paid_month,
    cast(totals.last_month as string) as last_month,
    cast(totals.last_delivery as string) as last_delivery,
    case
        when totals.person_entries > 0 and least(totals.person_entries, coalesce(totals.persons, 5)) < 5 then 'C'
        else 'F'
    end as conf_status
from totals
left join repeats
    on
        totals.programme_code = repeats.programme_code
        and totals.facility_id = repeats.facility_id
        and totals.region_code = repeats.region_code
        and totals.period = repeats.period
left join wrong_units
    on
        totals.programme_code = wrong_units.programme_code
        and totals.facility_id = wrong_units.facility_id
        and totals.region_code = wrong_units.region_code
        and totals.period = wrong_units.period
left join again
    on
        totals.programme_code = again.programme_code
        and totals.facility_id = again.facility_id
        and totals.region_code = again.region_code
        and totals.period = again.period
left join equal_amounts
    on
        totals.programme_code = equal_amounts.programme_code
        and totals.facility_id = equal_amounts.facility_id
        and totals.region_code = equal_amounts.region_code
        and totals.period = equal_amounts.period
