-- Persons paid, by programme, region and month or year: each counted once in every region that holds them. A person is
-- paid for a month in a county where more was paid than returned. Only periods whose basis changed are counted.
-- depends_on: {{ ref('beneficiary_basis') }} {{ ref('ledger_person') }} {{ ref('payment_repeated') }}
{{ config(
    database='history',
    schema='months',
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_counts(this) }}"
) }}
{% set changed = changed_counts(this) %}
with paid as (

    select
        programme_code,
        region_code,
        month_,
        person_key,
        net_amount,
        payments
    from {{ ref('ledger_person') }}
    where month_ in ({{ changed.months | join(", ") }})
    union all
    select
        programme_code,
        region_code,
        month_,
        person_key,
        -net_amount as net_amount,
        -1 as payments
    from {{ ref('payment_repeated') }}
    where payee_kind = 'person' and month_ in ({{ changed.months | join(", ") }})

),

in_month as (

    select
        programme_code,
        region_code,
        month_ as period,
        person_key,
        sum(payments) as payments
    from paid
    group by programme_code, region_code, month_, person_key
    having sum(net_amount) > 0

),

in_period as (

    select *
    from in_month
    where period in ({{ changed.periods | join(", ") }})
    union all
    select
        programme_code,
        region_code,
        substr(period, 1, 4) as period,
        person_key,
        sum(payments) as payments
    from in_month
    group by programme_code, region_code, substr(period, 1, 4), person_key

),

counted as (

    select
        in_period.programme_code,
        above.ancestor_code as region_code,
        above.ancestor_level as region_level,
        in_period.period,
        count(distinct in_period.person_key) as persons,
        sum(in_period.payments) as payments
    from in_period
    inner join {{ ref('region_above') }} as above
        on in_period.region_code = above.region_code
    group by in_period.programme_code, above.ancestor_code, above.ancestor_level, in_period.period

)

select
    counted.programme_code,
    counted.region_code,
    counted.region_level,
    counted.period,
    counted.persons,
    counted.payments,
    basis.basis
from counted
inner join {{ ref('beneficiary_basis') }} as basis
    on counted.period = basis.period
