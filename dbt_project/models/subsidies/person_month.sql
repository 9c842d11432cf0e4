-- Who was paid, as far as periods have to be counted anew: one row a programme, county, month paid for and person, of
-- whom more was paid there than returned. payments: those paid less those returned or recovered.
-- depends_on: {{ ref('beneficiary_basis') }} {{ ref('ledger_entry') }}
{% set counts = kept_table('beneficiary_count') %}
{% set changed = changed_counts(counts) %}
{% set delivered = as_literals(
    "select distinct delivery_period from " ~ ref('ledger_entry') ~ " where payee_kind = 'person' and month_ in ("
    ~ changed.months | join(", ") ~ ") order by 1") if execute else ["''"] %}
with paid as (

    select
        programme_code,
        region_code,
        month_,
        {{ person_key('person_id') }} as person_key,
        net_amount,
        case when payment_status = 'paid' then 1 else -1 end as payments
    from {{ ref('stg_subsidy_ledger') }}
    where
        delivery_period in ({{ delivered | join(", ") }})
        and month_ in ({{ changed.months | join(", ") }})
        and payee_kind = 'person'
        and payment_status <> 'approved'
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

)

select
    programme_code,
    region_code,
    month_,
    person_key,
    sum(payments) as payments
from paid
group by programme_code, region_code, month_, person_key
having sum(net_amount) > 0
