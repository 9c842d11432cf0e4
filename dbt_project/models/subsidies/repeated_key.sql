-- Payment keys that more than one month paid, with each month that holds them, as far as the months are concerned that
-- ledger_repeat has yet to take in. Of a history the keys are looked through once.
-- depends_on: {{ ref('ledger_payment_key') }}
{% set told = changes('ledger_repeat') %}
-- With no filter but this one DuckDB sifts the history by a Bloom filter of the new keys, which pass it themselves.
with placed as (

    select
        payment_key,
        delivery_period,
        is_paid
    from {{ ref('ledger_payment_key') }}
    {% if told.stays %}
    where payment_key in (
        select mine.payment_key from {{ ref('ledger_payment_key') }} as mine
        where mine.delivery_period in ({{ literals(told.anew.keys()) }})
    )
    {% endif %}

),

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
