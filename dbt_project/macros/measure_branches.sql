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
{% set units = [none] %}
{% for b in branches if b.unit is defined and b.unit not in units %}{% do units.append(b.unit) %}{% endfor %}
with
{% for unit in units %}
{% set group = branches | selectattr("unit", "equalto", unit) | list
    if unit else branches | rejectattr("unit", "defined") | list %}
qualifying{{ "_" ~ unit if unit }} as (

    select
        region_code,
        period,
        {{ unit if unit else "cast(null as varchar)" }} as unit_code,
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


{#
  Persons (or households) counted once in every region that holds them, also when two suppliers list them (spec §2),
  therefore from the rows at every level and never by adding children.

  relation  staging model with region_code, period (year) and month
  branches  list of {key, where, distinct}
  returns   the columns of measure_branches, at every ancestor level. Counted per month, then summed over the months
            given: sources with annual rule `last` hold one month a county.
#}
{% macro distinct_branches(relation, branches, by_month=false) %}
with monthly as (

    select
        ancestry.ancestor_code as region_code,
        rows_.period,
        {% if by_month %}rows_.month,{% endif %}
        {% for b in branches %}
        count(distinct case when {{ b.where }} then {{ b.distinct }} end) as {{ b.key }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ relation }} as rows_
    inner join {{ ref('region_ancestor') }} as ancestry
        on rows_.region_code = ancestry.region_code and rows_.period = ancestry.period
    group by ancestry.ancestor_code, rows_.period{% if by_month %}, rows_.month{% endif %}

)

{% for b in branches %}
select
    '{{ b.key }}' as measure_key,
    region_code,
    period,
    {{ quantity('sum(' ~ b.key ~ ')') }} as value,
    {{ quantity('0') }} as missing_cells,
    false as is_estimated
from monthly
group by region_code, period
{{ "union all" if not loop.last }}
{% endfor %}
{% endmacro %}
