-- Every paid payment_id of a month, as a number: what is looked through when another month may hold the same.
{{ of_months(['subsidy_ledger']) }}
select
    delivery_period,
    {{ hash64('payment_id') }} as payment_key
from {{ source('landing', 'subsidy_ledger') }}
where
    delivery_period in ({{ changed_months(this, ['subsidy_ledger']) | join(", ") }})
    and payment_status = 'paid'
