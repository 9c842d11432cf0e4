-- Payment keys that more than one month holds, as far as the months are concerned that ledger_repeat has yet to take
-- in. Of a history the keys are looked through once.
{% set repeats = kept_table('ledger_repeat') %}
{% set months = changed_months(repeats, ['subsidy_ledger']) %}
{% if execute and kept(repeats) %}
select distinct here.payment_key
from {{ ref('ledger_payment_key') }} as here
inner join {{ ref('ledger_payment_key') }} as there
    on here.payment_key = there.payment_key and here.delivery_period <> there.delivery_period
where here.delivery_period in ({{ months | join(", ") }})
{% else %}
select payment_key
from {{ ref('ledger_payment_key') }}
where payment_key is not null
group by payment_key
having count(*) > 1
{% endif %}
