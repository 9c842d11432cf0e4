-- Rows whose payment_id was paid in several months: paid, returned and recovered, the first included. One row a row of
-- such an id. The last row of each month only says that the month was looked through.
{{ of_months(['subsidy_ledger']) }}
-- depends_on: {{ ref('repeated_key') }} {{ ref('ledger_payment_key') }} {{ ref('region_today') }}
{% set months = changed_months(this, ['subsidy_ledger']) %}
{% set found = as_literals(
    "select distinct delivery_period from " ~ ref('ledger_payment_key') ~ " where payment_key in (select payment_key from "
    ~ ref('repeated_key') ~ ") order by 1") if execute else ["''"] %}
with landed as (

    {{ month_files(['subsidy_ledger']) }}

),

raw_ as (

    select *
    from {{ source('landing', 'subsidy_ledger') }}
    where
        delivery_period in ({{ found | join(", ") }})
        and payment_status <> 'approved'
        and {{ hash64('payment_id') }} in (select keys.payment_key from {{ ref('repeated_key') }} as keys)

),

repeated as (

    {{ staged_payments('raw_') }}

)

select
    repeated.delivery_period,
    landed.made_of,
    repeated.payment_id,
    repeated.payment_status,
    repeated.programme_code,
    repeated.region_code,
    repeated.facility_id,
    repeated.period,
    repeated.month_,
    repeated.payee_kind,
    case when repeated.payee_kind = 'person' then {{ person_key('repeated.person_id') }} end as person_key,
    repeated.unit_amount,
    repeated.net_amount,
    repeated.net_base_quantity,
    repeated.delivery_path,
    repeated.delivery_row
from repeated
inner join landed
    on repeated.delivery_period = landed.delivery_period
{% if is_incremental() %}
left join {{ this }} as held
    on repeated.delivery_path = held.delivery_path and repeated.delivery_row = held.delivery_row
where held.delivery_path is null
{% endif %}
union all
select
    delivery_period,
    made_of,
    {% for kind in ['payment_id', 'payment_status', 'programme_code', 'region_code', 'facility_id', 'period', 'month_',
        'payee_kind'] %}
    null as {{ kind }},
    {% endfor %}
    null as person_key,
    null as unit_amount,
    null as net_amount,
    null as net_base_quantity,
    null as delivery_path,
    null as delivery_row
from landed
where delivery_period in ({{ months | join(", ") }})
