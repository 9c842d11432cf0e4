-- Persons who were paid and kept more than one payment of a programme for a month in a county: one row a facility that
-- was paid for them and month paid for (or once), and how many they are. Kept by the month paid for.
-- depends_on: {{ ref('person_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="month_",
    basis="person_basis"
) }}
with again as (

    select
        programme_code,
        region_code,
        month_,
        person_key
    from {{ ref('person_payment') }}
    where month_ in ({{ anew() }})
    group by programme_code, region_code, month_, person_key
    having sum(net_amount) > 0 and sum(payments) > 1

)

select
    paid.programme_code,
    paid.region_code,
    paid.facility_id,
    paid.period,
    paid.month_,
    count(distinct paid.person_key) as persons
from {{ ref('person_payment') }} as paid
inner join again
    on
        paid.programme_code = again.programme_code
        and paid.region_code = again.region_code
        and paid.month_ = again.month_
        and paid.person_key = again.person_key
where
    paid.month_ in ({{ anew() }})
    and paid.payment_status = 'paid'
    and not paid.is_taken_off
    and paid.facility_id <> '_Z'
group by paid.programme_code, paid.region_code, paid.facility_id, paid.period, paid.month_
