{#
  Measures that regions report about themselves (population, deaths): one branch each, in one pass over the rows.

  branches  list of {key, sum, where, aligned, [estimated]}; `aligned` is an aggregate condition without which the
            region's rows cannot answer (finding band_not_aligned)
  returns   measure_key, region_code, period, value, missing_cells, not_applicable, is_estimated: the region's own
            figure only, no row where it cannot be computed
#}
{% macro reported_branches(relation, branches) %}
with reported as (

    select
        region_code,
        period,
        {% for b in branches %}
        case when {{ b.aligned }} then sum({{ quantity(b.sum) }}) filter (where {{ b.where }}) end as {{ b.key }},
        coalesce({{ b.estimated | default('false') }}, false) as estimated_{{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ relation }}
    group by region_code, period

)

{{ measures_of_reported(branches) }}
{% endmacro %}


{# Of the columns of each branch a row a branch, as measures_of_branches. #}
{% macro measures_of_reported(branches) %}
{{ adapter.dispatch("measures_of_reported")(branches) }}
{% endmacro %}
{% macro duckdb__measures_of_reported(branches) %}
{% for b in branches %}
select
    '{{ b.key }}' as measure_key,
    region_code,
    period,
    {{ quantity(b.key) }} as value,
    {{ quantity('0') }} as missing_cells,
    false as is_not_applicable,
    estimated_{{ b.key }} as is_estimated
from reported
where {{ b.key }} is not null
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}
{% macro default__measures_of_reported(branches) %}
select
    told.measure_key,
    rows_.region_code,
    rows_.period,
    told.value,
    {{ quantity('0') }} as missing_cells,
    false as is_not_applicable,
    told.is_estimated
from reported as rows_
lateral view stack(
    {{ branches | length }}
    {% for b in branches %}
    , '{{ b.key }}', {{ quantity(b.key) }}, estimated_{{ b.key }}
    {% endfor %}
) told as measure_key, value, is_estimated
where told.value is not null
{% endmacro %}
