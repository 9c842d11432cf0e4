-- Payments to persons who kept money of a month: one row a programme, county and month paid for. Kept by that month:
-- all payments, less those to persons who are not plain (see person_anew), and of these what they kept.
-- depends_on: {{ ref('person_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="month_",
    basis="person_basis"
) }}
with payment as (

    select
        programme_code,
        region_code,
        month_,
        entries as payments
    from {{ ref('ledger_entry') }}
    where
        payee_kind = 'person'
        and payment_status = 'paid'
        and net_amount >= 0
        and delivery_period in ({{ delivered_for(anew()) }})
        and month_ in ({{ anew() }})
    union all
    select
        programme_code,
        region_code,
        month_,
        -1 as payments
    from {{ ref('person_payment') }}
    where month_ in ({{ anew() }}) and payment_status = 'paid' and net_amount >= 0 and not is_taken_off
    union all
    select
        programme_code,
        region_code,
        month_,
        sum(payments) as payments
    from {{ ref('person_payment') }}
    where month_ in ({{ anew() }})
    group by programme_code, region_code, month_, person_key
    having sum(net_amount) > 0

)

select
    programme_code,
    region_code,
    month_,
    sum(payments) as payments
from payment
group by programme_code, region_code, month_
