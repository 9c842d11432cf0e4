-- Payment keys that more than one month paid, with each month that holds them, as far as the months are concerned that
-- ledger_repeat has yet to take in. Of a history the keys are looked through once.
-- depends_on: {{ ref('ledger_payment_key') }}
{% set told = changes('ledger_repeat') %}
{% if told.stays %}
with matched as (

    select
        here.payment_key,
        here.delivery_period,
        here.is_paid,
        there.delivery_period as other_period,
        there.is_paid as other_is_paid
    from {{ ref('ledger_payment_key') }} as here
    inner join {{ ref('ledger_payment_key') }} as there
        on here.payment_key = there.payment_key and here.delivery_period <> there.delivery_period
    where here.delivery_period in ({{ literals(told.anew.keys()) }})

),

-- one row a key and month, of keys that a month yet to take in and another one hold
placed as (

    select
        payment_key,
        delivery_period,
        is_paid
    from matched
    union distinct
    select
        payment_key,
        other_period as delivery_period,
        other_is_paid as is_paid
    from matched

),

{% else %}
with placed as (

    select
        payment_key,
        delivery_period,
        is_paid
    from {{ ref('ledger_payment_key') }}

),

{% endif %}
repeated as (

    select payment_key
    from placed
    group by payment_key
    having count(case when is_paid then 1 end) > 1

)

select
    placed.payment_key,
    placed.delivery_period
from placed
inner join repeated
    on placed.payment_key = repeated.payment_key
