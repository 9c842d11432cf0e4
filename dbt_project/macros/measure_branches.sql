{#
  Measures of a register, one branch each.

  relation  staging model with columns region_code (finest region of the row) and period (year)
  branches  list of {key, where, one of: sum | count_rows | distinct, [estimated], [unit]}; `unit` names the column that
            identifies the thing a threshold share judges one by one (a community, a project, a facility)
  returns   measure_key, region_code, period, unit_code, value, missing_cells, is_estimated: one row a measure, region,
            year (and unit) in which at least one row qualifies. NULL cells are skipped and counted; a sum of NULLs
            only is NULL (spec §1).
#}
{% macro measure_branches(relation, branches) %}
{% set units = [] %}
{% for b in branches if b.get("unit") not in units %}{% do units.append(b.get("unit")) %}{% endfor %}
with
{% for unit in units %}
{% set group = branches | selectattr("unit", "equalto", unit) | list
    if unit else branches | rejectattr("unit", "defined") | list %}
qualifying{{ "_" ~ unit if unit }} as (

    select
        region_code,
        period,
        {{ unit if unit else "cast(null as string)" }} as unit_code,
        {% for b in group %}
        count(*) filter (where {{ b.where }}) as n_{{ b.key }},
        {% if b.sum is defined %}
        sum({{ quantity(b.sum) }}) filter (where {{ b.where }}) as {{ b.key }},
        count(*) filter (where ({{ b.where }}) and ({{ b.sum }}) is null) as missing_{{ b.key }}
        {%- elif b.distinct is defined %}
        count(distinct case when {{ b.where }} then {{ b.distinct }} end) as {{ b.key }},
        0 as missing_{{ b.key }}
        {%- else %}
        count(*) filter (where {{ b.where }}) as {{ b.key }},
        0 as missing_{{ b.key }}
        {%- endif %}{{ "," if not loop.last }}
        {% endfor %}
    from {{ relation }}
    group by region_code, period{{ ", " ~ unit if unit }}

){{ "," if not loop.last }}
{% endfor %}

{{ measures_of_branches(branches, units) }}
{% endmacro %}


{# Of the columns of each branch a row a branch. #}
{% macro measures_of_branches(branches, units) %}
{{ adapter.dispatch("measures_of_branches")(branches, units) }}
{% endmacro %}
{% macro duckdb__measures_of_branches(branches, units) %}
{% for b in branches %}
select
    '{{ b.key }}' as measure_key,
    region_code,
    period,
    unit_code,
    {{ quantity(b.key) }} as value,
    {{ quantity('missing_' ~ b.key) }} as missing_cells,
    {{ b.estimated | default('false') }} as is_estimated
from qualifying{{ "_" ~ b.unit if b.unit is defined }}
where n_{{ b.key }} > 0
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}
{# Spark reads what a union names several times as often as it is named. #}
{% macro default__measures_of_branches(branches, units) %}
{% for unit in units %}
{% set group = branches | selectattr("unit", "equalto", unit) | list
    if unit else branches | rejectattr("unit", "defined") | list %}
select
    told.measure_key,
    rows_.region_code,
    rows_.period,
    rows_.unit_code,
    told.value,
    told.missing_cells,
    told.is_estimated
from qualifying{{ "_" ~ unit if unit }} as rows_
lateral view stack(
    {{ group | length }}
    {% for b in group %}
    , '{{ b.key }}', {{ quantity(b.key) }}, {{ quantity('missing_' ~ b.key) }}, {{ b.estimated | default('false') }},
    n_{{ b.key }}
    {% endfor %}
) told as measure_key, value, missing_cells, is_estimated, n_rows
where told.n_rows > 0
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}


{#
  Persons (or households) counted once in every region that holds them, also when two suppliers list them (spec §2),
  therefore from the rows at every level and never by adding children.

  relation  staging model with region_code, period (year) and month
  branches  list of {key, where, distinct}
  returns   the columns of measure_branches, at every ancestor level. Counted per month, then summed over the months
            given: sources with annual rule `last` hold one month a county.
#}
{% macro distinct_branches(relation, branches, by_month=false) %}
{% set moment = "period, month" if by_month else "period" %}
{% set groups = [] %}
{% for b in branches if b.distinct not in groups %}{% do groups.append(b.distinct) %}{% endfor %}
with
{% for counted in groups %}
{% set group = branches | selectattr("distinct", "equalto", counted) | list %}
here_{{ counted }} as (

    select
        region_code,
        {{ moment }},
        {{ counted }},
        {% for b in group %}
        max(case when {{ counted }} is not null and ({{ b.where }}) then 1 else 0 end)
            as {{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ relation }}
    group by region_code, {{ moment }}, {{ counted }}

),

-- those in several places: only they could be counted twice further up
several_{{ counted }} as (

    select
        {{ moment }},
        {{ counted }}
    from here_{{ counted }}
    group by {{ moment }}, {{ counted }}
    having count(*) > 1

),

placed_{{ counted }} as (

    select
        here_.*,
        several_.period is not null as is_in_several
    from here_{{ counted }} as here_
    left join several_{{ counted }} as several_
        on
            here_.{{ counted }} = several_.{{ counted }}
            and here_.period = several_.period
            {{ "and here_.month = several_.month" if by_month }}

),

counted_{{ counted }} as (

    select
        region_code,
        period,
        {% for b in group %}
        sum({{ b.key }}) as {{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from placed_{{ counted }}
    where not is_in_several
    group by region_code, period

),

above_{{ counted }} as (

    select
        ancestry.ancestor_code as region_code,
        ancestry.period,
        {% for b in group %}
        placed.{{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from counted_{{ counted }} as placed
    inner join {{ ref('region_ancestor') }} as ancestry
        on placed.region_code = ancestry.region_code and placed.period = ancestry.period
    union all
    select
        ancestry.ancestor_code as region_code,
        ancestry.period,
        {% for b in group %}
        max(placed.{{ b.key }}) as {{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from placed_{{ counted }} as placed
    inner join {{ ref('region_ancestor') }} as ancestry
        on placed.region_code = ancestry.region_code and placed.period = ancestry.period
    where placed.is_in_several
    group by ancestry.ancestor_code, ancestry.period, placed.{{ counted }}{{ ", placed.month" if by_month }}

){{ "," if not loop.last }}

{% endfor %}
{{ measures_of_distinct(groups, branches) }}
{% endmacro %}


{# Of what was counted for every region a row a branch, as measures_of_branches. #}
{% macro measures_of_distinct(groups, branches) %}
{{ adapter.dispatch("measures_of_distinct")(groups, branches) }}
{% endmacro %}
{% macro duckdb__measures_of_distinct(groups, branches) %}
{% for b in branches %}
select
    '{{ b.key }}' as measure_key,
    region_code,
    period,
    {{ quantity('sum(' ~ b.key ~ ')') }} as value,
    {{ quantity('0') }} as missing_cells,
    false as is_estimated
from above_{{ b.distinct }}
group by region_code, period
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}
{% macro default__measures_of_distinct(groups, branches) %}
{% for counted in groups %}
{% set group = branches | selectattr("distinct", "equalto", counted) | list %}
, summed_{{ counted }} as (

    select
        region_code,
        period,
        {% for b in group %}
        sum({{ b.key }}) as {{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from above_{{ counted }}
    group by region_code, period

)
{% endfor %}
{% for counted in groups %}
{% set group = branches | selectattr("distinct", "equalto", counted) | list %}
select
    told.measure_key,
    rows_.region_code,
    rows_.period,
    told.value,
    {{ quantity('0') }} as missing_cells,
    false as is_estimated
from summed_{{ counted }} as rows_
lateral view stack(
    {{ group | length }}
    {% for b in group %}
    , '{{ b.key }}', {{ quantity(b.key) }}
    {% endfor %}
) told as measure_key, value
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}
