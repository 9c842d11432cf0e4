-- Every payment_id of a month, paid or taken back, as a number: what is looked through when another month may hold the
-- same.
{{ of_months(['subsidy_ledger'], batch=12) }}
select
    delivery_period,
    {{ hash64('payment_id') }} as payment_key,
    payment_status = 'paid' as is_paid
from {{ source('landing', 'subsidy_ledger') }}
where delivery_period in ({{ anew() }}) and payment_status <> 'approved'
