-- Unit by unit, the quantity that a threshold share asks about: one row a formula, unit and year. A unit is a region
-- listed by the indicator's denominator measure. unit_value NULL = unknown unit; is_missing = what the formula asks of
-- this unit was not delivered, told by the same formula over 1 for every measure that was.
-- depends_on: {{ ref('measures') }} {{ ref('indicators') }} {{ ref('region_year') }} {{ ref('measure_value') }}
{% set formulas = threshold_expressions() %}

{% for formula in formulas %}
select
    '{{ formula.expression | replace("'", "''") }}' as threshold_unit_value,
    amount.region_code,
    amount.period,
    amount.result as unit_value,
    amount.is_not_applicable,
    answer.result is null and not amount.is_not_applicable as is_missing
from {{ threshold_formula(formula, 'value') }} as amount
inner join {{ threshold_formula(formula, '1') }} as answer
    on amount.region_code = answer.region_code and amount.period = answer.period
{{ "union all" if not loop.last }}
{% else %}
select
    cast(null as varchar) as threshold_unit_value,
    cast(null as varchar) as region_code,
    cast(null as varchar) as period,
    {{ ratio('null') }} as unit_value,
    false as is_not_applicable,
    false as is_missing
where false
{% endfor %}
