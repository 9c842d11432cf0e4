-- Paid rows whose payment_id other months hold too: all of them, the first included. One row a paid row of such an id.
-- depends_on: {{ ref('ledger_payment_key') }} {{ ref('stg_subsidy_ledger') }}
{{ of_months(['subsidy_ledger']) }}
{% set months = changed_months(this, ['subsidy_ledger']) %}
{% set found = repeated_payment_keys(months, is_incremental()) %}
select
    ledger.delivery_period,
    ledger.payment_id,
    ledger.programme_code,
    ledger.region_code,
    ledger.facility_id,
    ledger.period,
    ledger.month_,
    ledger.payee_kind,
    case when ledger.payee_kind = 'person' then {{ person_key('ledger.person_id') }} end as person_key,
    ledger.unit_amount,
    ledger.net_amount,
    ledger.net_base_quantity,
    ledger.delivery_path,
    ledger.delivery_row
from {{ ref('stg_subsidy_ledger') }} as ledger
{% if is_incremental() %}
left join {{ this }} as held
    on ledger.delivery_path = held.delivery_path and ledger.delivery_row = held.delivery_row
{% endif %}
where
    ledger.delivery_period in ({{ found.months | join(", ") }})
    and ledger.payment_status = 'paid'
    and {{ hash64('ledger.payment_id') }} in ({{ found.repeated }})
    {% if is_incremental() %}and held.delivery_path is null{% endif %}
