{#
  Measures of a register, one branch each, in one pass over the rows.

  relation  staging model with columns region_code (finest region of the row) and period (year)
  branches  list of {key, where, one of: sum | count_rows | distinct, [estimated]}
  returns   measure_key, region_code, period, value, missing_cells, is_estimated: one row a measure, region and year in
            which at least one row qualifies. NULL cells are skipped and counted; a sum of NULLs only is NULL (spec §1).
#}
{% macro measure_branches(relation, branches) %}
with qualifying as (

    select
        region_code,
        period,
        {% for b in branches %}
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
    group by region_code, period

)

{% for b in branches %}
select
    '{{ b.key }}' as measure_key,
    region_code,
    period,
    {{ quantity(b.key) }} as value,
    {{ quantity('missing_' ~ b.key) }} as missing_cells,
    {{ b.estimated | default('false') }} as is_estimated
from qualifying
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
