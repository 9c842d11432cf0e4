-- Unit by unit, the quantity that a threshold share asks about: one row a formula, list of units, unit and year. A unit
-- is what the indicator's denominator measure lists: a region, or a community, project or facility of a register.
-- unit_value NULL = unknown unit; is_missing = what the formula asks of this unit was not delivered.
-- depends_on: {{ ref('measures') }} {{ ref('indicators') }} {{ ref('indicator_definition') }} {{ ref('region_year') }}
-- depends_on: {{ ref('measure_value') }} {{ ref('unit_measure') }} {{ ref('region_ancestor') }}
-- depends_on: {{ ref('county_delivery') }}
{% set formulas = threshold_expressions() %}
{{ asked_measures(formulas) }}
{% for formula in formulas %}
select
    '{{ formula.expression | replace("'", "''") }}' as threshold_unit_value,
    '{{ formula.units }}' as units_measure,
    unit_code,
    region_code,
    period,
    unit_value,
    is_not_applicable,
    is_missing
from {{ formula_of_regions(formula) if formula.of_regions else formula_of_units(formula) }} as judged
{{ "union all" if not loop.last }}
{% else %}
select
    cast(null as string) as threshold_unit_value,
    cast(null as string) as units_measure,
    cast(null as string) as unit_code,
    cast(null as string) as region_code,
    cast(null as string) as period,
    {{ ratio('null') }} as unit_value,
    false as is_not_applicable,
    false as is_missing
where false
{% endfor %}
