{# An exact number as people write it, without trailing zeros: 50, 12.5. #}
{% macro plain_number(expression) -%}
trim(trailing '.' from trim(trailing '0' from cast({{ quantity(expression) }} as string)))
{%- endmacro %}
