-- Unit by unit, the quantity that a threshold share asks about: one row a formula, unit and year. A unit is a region
-- listed by the indicator's denominator measure. unit_value NULL = unknown unit; not_delivered = its unit is missing.
-- depends_on: {{ ref('measures') }} {{ ref('indicators') }} {{ ref('region_year') }} {{ ref('measure_value') }}
{% set formulas = threshold_expressions() %}

{% for formula in formulas %}
select
    '{{ formula.expression | replace("'", "''") }}' as threshold_unit_value,
    units.region_code,
    units.period,
    {{ ratio(formula.expression) }} as unit_value,
    {% for measure in formula.measures %}{{ measure }}_n{{ " + " if not loop.last }}{% endfor %} = 0 as is_missing
from (
    select
        regions.region_code,
        regions.period,
        regions.level,
        {% for measure in formula.measures %}
        max(case when measured.measure_key = '{{ measure }}' then measured.value end) as {{ measure }},
        count(case when measured.measure_key = '{{ measure }}' then 1 end) as {{ measure }}_n{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('region_year') }} as regions
    left join {{ ref('measure_value') }} as measured
        on
            regions.region_code = measured.region_code
            and regions.period = measured.period
            and measured.measure_key in ('{{ formula.measures | join("', '") }}')
    group by regions.region_code, regions.period, regions.level
) as units
{{ "union all" if not loop.last }}
{% else %}
select
    cast(null as varchar) as threshold_unit_value,
    cast(null as varchar) as region_code,
    cast(null as varchar) as period,
    {{ ratio('null') }} as unit_value,
    false as is_missing
where false
{% endfor %}
