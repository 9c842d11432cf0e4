-- Which landed files the kept months were made of; written last, so that a night that died before takes them up again.
-- depends_on: {{ ref('ledger_entry') }} {{ ref('ledger_person') }} {{ ref('ledger_payment_key') }}
-- depends_on: {{ ref('ledger_repeat') }} {{ ref('beneficiary_count') }} {{ ref('entitlement_month') }}
{{ config(database='history', schema='months') }}
select
    register,
    delivery_period,
    digest
from {{ source('landing', 'landed_month') }}
