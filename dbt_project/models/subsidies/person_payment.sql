-- Payments to persons who are not plain (see person_anew), and what counts nothing of them: repeated payments, taken
-- off again. One row a payment.
-- depends_on: {{ ref('ledger_told') }} {{ ref('person_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="month_",
    follows="person_year",
    batch="year"
) }}
with persons as (

    select
        programme_code,
        region_code,
        year_,
        person_key
    from {{ ref('person_anew') }}
    where some_month in ({{ anew() }}) and not is_plain

),

-- all of these persons' rows; few others pass, whom the join leaves out
ledger as (

    select *
    from {{ ref('stg_subsidy_ledger') }}
    where
        delivery_period in ({{ delivered_for(anew()) }})
        and month_ in ({{ anew() }})
        and payee_kind = 'person'
        and payment_status <> 'approved'
        and {{ hash64('person_id') }} in (select persons.person_key from persons)

)

select
    ledger.programme_code,
    ledger.region_code,
    ledger.month_,
    ledger.period,
    persons.person_key,
    ledger.facility_id,
    ledger.payment_status,
    ledger.net_amount,
    case when ledger.payment_status = 'paid' then 1 else -1 end as payments,
    false as is_taken_off
from ledger
inner join persons
    on
        ledger.programme_code = persons.programme_code
        and ledger.region_code = persons.region_code
        and {{ year_of('ledger.month_') }} = persons.year_
        and {{ hash64('ledger.person_id') }} = persons.person_key
union all
select
    programme_code,
    region_code,
    month_,
    period,
    {{ hash64('person_id') }} as person_key,
    facility_id,
    'paid' as payment_status,
    -net_amount as net_amount,
    -1 as payments,
    true as is_taken_off
from {{ ref('payment_repeated') }}
where payee_kind = 'person' and month_ in ({{ anew() }})
