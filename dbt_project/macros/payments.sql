{# What a payment is for: once; a year, under a programme with a price by the year; else a month. One that ought to name
   its month and does not is for an unknown one. #}
{% macro paid_for(programme, service_month) -%}
case
        when {{ programme }}.frequency = 'one_off' then 'once'
        when {{ programme }}.frequency = 'annual' and {{ programme }}.kind = 'subsidy'
            and {{ programme }}.unit_amount is not null then coalesce(substr({{ service_month }}, 1, 4), 'unknown')
        else coalesce({{ service_month }}, 'unknown')
    end
{%- endmacro %}


{# What counts of a payment: returned and recovered money deducts, however its sign was written (spec §8); approved money
   is not yet paid. #}
{% macro net_of(payment_status, paid, size) -%}
case
        when {{ payment_status }} = 'paid' then {{ paid }}
        when {{ payment_status }} in ('returned', 'recovered') then -{{ size }}
        else 0
    end
{%- endmacro %}


{# A payment counts to the cent, so that any sum of payments is the sum of their cents. A contract's amount fits eighteen
   digits, which round several times as fast as thirty-eight. #}
{% macro cents(amount) -%}round(cast({{ amount }} as decimal(18, 6)), 2){%- endmacro %}


{# Payments as staged (see stg_subsidy_ledger), from all that landed or from some rows of it. #}
{% macro staged_payments(relation) %}
select
    ledger.payment_id,
    ledger.programme_code,
    coalesce(today.today_code, ledger.county_code) as region_code,
    ledger.payee_kind,
    coalesce(ledger.facility_id, '_Z') as facility_id,
    ledger.person_id,
    ledger.base_quantity,
    ledger.unit_amount,
    ledger.amount,
    ledger.payment_status,
    {{ net_of('ledger.payment_status', cents('ledger.amount'), 'abs(' ~ cents('ledger.amount') ~ ')') }} as net_amount,
    {{ net_of(
        'ledger.payment_status',
        'case when ledger.amount < 0 then -abs(ledger.base_quantity) else ledger.base_quantity end',
        'abs(ledger.base_quantity)'
    ) }} as net_base_quantity,
    {{ paid_for('programmes', 'ledger.service_month') }} as period,
    coalesce(ledger.service_month, ledger.delivery_period) as month_,
    ledger.paid_on,
    ledger.delivery_period,
    ledger.delivery_path,
    ledger.delivery_row
from {{ relation }} as ledger
left join {{ ref('region_today') }} as today
    on ledger.county_code = today.region_code
left join {{ ref('subsidy_programmes') }} as programmes
    on ledger.programme_code = programmes.programme_code
{% endmacro %}
