-- Which months the ledgers of a delivery month pay for: what has to be looked at when one of them changes.
{{ of_months(['subsidy_ledger'], batch=100) }}
select distinct
    delivery_period,
    payee_kind,
    period,
    month_
from {{ ref('ledger_entry') }}
where {{ among('delivery_period') }}
