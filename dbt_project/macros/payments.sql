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


{# A payment counts to the cent, so that any sum of payments is the sum of their cents. #}
{% macro cents(amount) -%}round({{ amount }}, 2){%- endmacro %}
