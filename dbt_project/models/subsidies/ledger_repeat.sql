-- Rows whose payment_id was paid in several months: paid, returned and recovered, the first included. One row a row of
-- such an id.
{{ of_months(['subsidy_ledger'], batch=1000) }}
{{ config(post_hook="{{ no_longer_repeated() }}") }}
-- depends_on: {{ ref('repeated_key') }} {{ ref('region_today') }} {{ ref('subsidy_programmes') }}
{% set found = as_literals("select distinct delivery_period from " ~ ref('repeated_key') ~ " order by 1") %}
with raw_ as (

    select ledger.*
    from {{ source('landing', 'subsidy_ledger') }} as ledger
    inner join {{ ref('repeated_key') }} as repeated
        on
            {{ hash64('ledger.payment_id') }} = repeated.payment_key
            and ledger.delivery_period = repeated.delivery_period
    where ledger.delivery_period in ({{ found }}) and ledger.payment_status <> 'approved'

),

repeated as (

    {{ staged_payments('raw_') }}

)

select
    repeated.delivery_period,
    repeated.payment_id,
    repeated.payment_status,
    repeated.programme_code,
    repeated.region_code,
    repeated.facility_id,
    repeated.period,
    repeated.month_,
    repeated.payee_kind,
    case when repeated.payee_kind = 'person' then repeated.person_id end as person_id,
    repeated.unit_amount,
    repeated.net_amount,
    repeated.net_base_quantity,
    repeated.delivery_path,
    repeated.delivery_row
from repeated
{% if changes('ledger_repeat').stays %}
left join {{ this }} as held
    on repeated.delivery_path = held.delivery_path and repeated.delivery_row = held.delivery_row
where held.delivery_path is null
{% endif %}
