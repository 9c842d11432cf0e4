-- Persons who were paid and kept more than one payment of a programme for a month in a county: one row a facility that
-- was paid for them and month paid for (or once), and how many they are. Kept by month; made anew where beneficiaries
-- are counted anew.
{{ config(
    database='history',
    schema='months',
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_counts(this, 'month_') }}"
) }}
-- depends_on: {{ ref('beneficiary_basis') }} {{ ref('ledger_entry') }} {{ ref('person_month') }}
{% set counts = kept_table('beneficiary_count') %}
{% set changed = changed_counts(counts) %}
{% set again = as_literals(
    "select distinct month_ from " ~ ref('person_month') ~ " where payments > 1 and month_ in ("
    ~ changed.periods | join(", ") ~ ") order by 1") if execute else ["''"] %}
{% set delivered = as_literals(
    "select distinct delivery_period from " ~ ref('ledger_entry') ~ " where payee_kind = 'person' and month_ in ("
    ~ again | join(", ") ~ ") order by 1") if execute else ["''"] %}
with again as (

    select *
    from {{ ref('person_month') }}
    where payments > 1 and month_ in ({{ again | join(", ") }})

)

select
    ledger.programme_code,
    ledger.region_code,
    ledger.facility_id,
    ledger.period,
    ledger.month_,
    count(distinct again.person_key) as persons
from {{ ref('stg_subsidy_ledger') }} as ledger
inner join again
    on
        ledger.programme_code = again.programme_code
        and ledger.region_code = again.region_code
        and ledger.month_ = again.month_
        and {{ person_key('ledger.person_id') }} = again.person_key
where
    ledger.delivery_period in ({{ delivered | join(", ") }})
    and ledger.month_ in ({{ again | join(", ") }})
    and ledger.payee_kind = 'person'
    and ledger.payment_status = 'paid'
    and ledger.facility_id <> '_Z'
group by ledger.programme_code, ledger.region_code, ledger.facility_id, ledger.period, ledger.month_
