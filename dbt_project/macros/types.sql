{# The two numeric types of the warehouse. Counted quantities are exact, so that a sum does not depend on the order
   of its terms; a ratio is the double nearest to the exact quotient. #}
{% macro quantity(expression) -%}cast({{ expression }} as decimal(38, 6)){%- endmacro %}
{% macro ratio(expression) -%}cast({{ expression }} as double){%- endmacro %}

{# Yuan to the cent, exact; more decimals are rounded half away from zero (四舍五入). #}
{% macro money(expression) -%}cast(round({{ expression }}, 2) as decimal(18, 2)){%- endmacro %}

{# Round half away from zero (四舍五入), spec §3: on the decimal form, since 32.25 has no exact double neighbour rule. #}
{% macro round_half_away(expression, decimals) -%}
cast(round(cast({{ expression }} as decimal(38, 12)), {{ decimals }}) as double)
{%- endmacro %}
