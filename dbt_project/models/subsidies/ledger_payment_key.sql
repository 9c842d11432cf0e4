-- Every paid payment_id of a month, as a number: what is looked through when another month may hold the same.
{{ of_months(['subsidy_ledger']) }}
with landed as (

    {{ month_files(['subsidy_ledger']) }}

)

select
    ledger.delivery_period,
    landed.made_of,
    {{ hash64('ledger.payment_id') }} as payment_key
from {{ source('landing', 'subsidy_ledger') }} as ledger
inner join landed
    on ledger.delivery_period = landed.delivery_period
where
    ledger.delivery_period in ({{ changed_months(this, ['subsidy_ledger']) | join(", ") }})
    and ledger.payment_status = 'paid'
