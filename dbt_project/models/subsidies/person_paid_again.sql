-- Persons who were paid and kept more than one payment of a programme for a month in a county: one row a facility that
-- was paid for them and month paid for (or once), and how many they are. Kept by year.
-- depends_on: {{ ref('beneficiary_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="year_",
    basis="beneficiary_basis"
) }}
with again as (

    select
        programme_code,
        region_code,
        month_,
        person_id
    from {{ ref('person_payment') }}
    where year_ in ({{ anew() }})
    group by programme_code, region_code, month_, person_id
    having sum(net_amount) > 0 and sum(payments) > 1

)

select
    paid.programme_code,
    paid.region_code,
    paid.facility_id,
    paid.period,
    paid.year_,
    count(distinct paid.person_id) as persons
from {{ ref('person_payment') }} as paid
inner join again
    on
        paid.programme_code = again.programme_code
        and paid.region_code = again.region_code
        and paid.month_ = again.month_
        and paid.person_id = again.person_id
where
    paid.year_ in ({{ anew() }})
    and paid.payment_status = 'paid'
    and not paid.is_taken_off
    and paid.facility_id <> '_Z'
group by paid.programme_code, paid.region_code, paid.facility_id, paid.period, paid.year_, paid.month_
