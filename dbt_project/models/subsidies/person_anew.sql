-- Who was paid, as far as months are looked at anew: one row a programme, county, year and person, of these months of
-- the year. months: those of which anything was paid to them, a bit each. is_plain: one payment a month and nothing
-- taken back, so these are the months of which they kept money; of the others person_payment tells.
-- depends_on: {{ ref('ledger_told') }} {{ ref('person_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="some_month",
    follows="person_year",
    batch="year"
) }}
{% set month_ = 'coalesce(ledger.service_month, ledger.delivery_period)' %}
{% set is_paid = "ledger.payment_status = 'paid' and " ~ cents('ledger.amount') ~ " > 0" %}
with paid as (

    select
        ledger.programme_code,
        coalesce(today.today_code, ledger.county_code) as region_code,
        {{ year_of(month_) }} as year_,
        min({{ month_ }}) as some_month,
        {{ hash64('ledger.person_id') }} as person_key,
        bit_or(case when {{ is_paid }} then {{ month_bit(month_) }} else 0 end) as months,
        count(*) as payments,
        min(case when {{ is_paid }} then 1 else 0 end) as is_paid_only
    from {{ source('landing', 'subsidy_ledger') }} as ledger
    left join {{ ref('region_today') }} as today
        on ledger.county_code = today.region_code
    where
        ledger.delivery_period in ({{ delivered_for(anew()) }})
        and {{ month_ }} in ({{ anew() }})
        and ledger.payee_kind = 'person'
        and ledger.payment_status <> 'approved'
    group by
        ledger.programme_code, coalesce(today.today_code, ledger.county_code), {{ year_of(month_) }},
        {{ hash64('ledger.person_id') }}

),

repeated as (

    select distinct
        programme_code,
        region_code,
        {{ year_of('month_') }} as year_,
        {{ hash64('person_id') }} as person_key
    from {{ ref('payment_repeated') }}
    where payee_kind = 'person' and month_ in ({{ anew() }})

)

select
    paid.programme_code,
    paid.region_code,
    paid.year_,
    paid.some_month,
    paid.person_key,
    paid.months,
    paid.is_paid_only = 1 and paid.payments = bit_count(paid.months) and repeated.person_key is null as is_plain
from paid
left join repeated
    on
        paid.programme_code = repeated.programme_code
        and paid.region_code = repeated.region_code
        and paid.year_ = repeated.year_
        and paid.person_key = repeated.person_key
