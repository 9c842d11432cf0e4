-- Every paid payment_id of a month, as a number: what is looked through when another month may hold the same. The row
-- of a month without a key says what it was made of.
{{ of_months(['subsidy_ledger']) }}
{% set months = changed_months(this, ['subsidy_ledger']) %}
with landed as (

    {{ month_files(['subsidy_ledger']) }}

)

select
    delivery_period,
    cast(null as varchar) as made_of,
    {{ hash64('payment_id') }} as payment_key
from {{ source('landing', 'subsidy_ledger') }}
where delivery_period in ({{ months | join(", ") }}) and payment_status = 'paid'
union all
select
    delivery_period,
    made_of,
    null as payment_key
from landed
where delivery_period in ({{ months | join(", ") }})
