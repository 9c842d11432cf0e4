{#
  The threshold formulas in use, read when the model runs: a list of {expression, units, of_regions, unit_words,
  region_words, sources}. The expression is SQL over measure keys and `level` (seeds/indicators.csv,
  threshold_unit_value); units is the measure that lists the units; unit_words are the measures told unit by unit (and
  the sources they come from), region_words those told by the region around.
#}
{% macro threshold_expressions() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set grain = {} %}
    {% set source_of = {} %}
    {% for row in run_query("select indicator_key from " ~ ref('indicators')).rows %}
        {% do grain.update({row[0]: "region"}) %}
    {% endfor %}
    {% for row in run_query("select measure_key, grain, source from " ~ ref('measures')).rows %}
        {% do grain.update({row[0]: row[1]}) %}
        {% do source_of.update({row[0]: row[2]}) %}
    {% endfor %}
    {% set found = [] %}
    {% for pair in run_query(
        "select distinct threshold_unit_value, denominator_measure from " ~ ref('indicator_definition')
        ~ " where kind = 'threshold_share' order by threshold_unit_value, denominator_measure").rows %}
        {% set formula = {"expression": pair[0], "units": pair[1], "of_regions": source_of[pair[1]] == "regions",
            "unit_words": [], "region_words": [], "sources": []} %}
        {% for word in modules.re.findall("[a-z_][a-z_0-9]*", pair[0]) if word in grain %}
            {% if formula.of_regions or grain[word] not in ["community", "project", "facility"] %}
                {% if word not in formula.region_words %}{% do formula.region_words.append(word) %}{% endif %}
            {% elif word not in formula.unit_words %}
                {% do formula.unit_words.append(word) %}
                {% if source_of[word] not in formula.sources %}{% do formula.sources.append(source_of[word]) %}{% endif %}
            {% endif %}
        {% endfor %}
        {% do found.append(formula) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# A formula's result, NULL where it divides by nothing. #}
{% macro finite(expression) -%}{{ adapter.dispatch("finite")(expression) }}{%- endmacro %}
{% macro duckdb__finite(expression) -%}
case when isfinite({{ ratio(expression) }}) then {{ ratio(expression) }} end
{%- endmacro %}
{# Elsewhere decimals divide to a decimal of a few places and zero fails: each division becomes one of doubles. #}
{% macro default__finite(expression) -%}
{%- set of_groups = modules.re.sub("/ *(\\([^()]*\\))", "/ 1D / nullif(\\1, 0)", expression) -%}
{{ ratio(modules.re.sub("/ *([a-z0-9_.]+)\\b(?!\\()", "/ 1D / nullif(\\1, 0)", of_groups)) }}
{%- endmacro %}


{# The rows of measure_value that the formulas ask for, read once for all of them: `told`. #}
{% macro asked_measures(formulas) %}
{% if formulas %}
{% set words = formulas | map(attribute="region_words") | sum(start=[]) | unique | sort %}
with told as (

    select
        measure_key,
        region_code,
        period,
        value,
        coverage_n,
        coverage_m,
        is_not_applicable
    from {{ ref('measure_value') }}
    where measure_key in ('{{ words | join("', '") }}')

)
{% endif %}
{% endmacro %}


{# One formula over every region and year, with `operand` (a column of `told`, or 1) in place of its measures. #}
{% macro formula_over_regions(formula, operand) %}
(
    select
        region_code,
        period,
        is_not_applicable,
        {{ finite(formula.expression) }} as result
    from (
        select
            regions.region_code,
            regions.period,
            regions.level,
            coalesce(bool_or(measured.is_not_applicable), false) as is_not_applicable,
            {% for measure in formula.region_words %}
            max(case when measured.measure_key = '{{ measure }}' then {{ operand }} end)
                as {{ measure }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref('region_year') }} as regions
        left join told as measured
            on
                regions.region_code = measured.region_code
                and regions.period = measured.period
                and measured.measure_key in ('{{ formula.region_words | join("', '") }}')
        group by regions.region_code, regions.period, regions.level
    ) as operands
)
{% endmacro %}


{#
  One formula over regions as units of themselves. is_missing: what it asks was not delivered in full, told by the same
  formula over 1 for every measure that was. A street in a zone within its host's figures is a unit only where somebody
  speaks for the zone.
#}
{% macro formula_of_regions(formula) %}
(
    select
        units.unit_code,
        units.region_code,
        units.period,
        amount.result as unit_value,
        amount.is_not_applicable,
        answer.result is null and not amount.is_not_applicable as is_missing
    from {{ ref('unit_measure') }} as units
    inner join {{ formula_over_regions(formula, 'value') }} as amount
        on units.region_code = amount.region_code and units.period = amount.period
    inner join {{ formula_over_regions(formula, 'case when coverage_n >= coverage_m then 1 end') }} as answer
        on units.region_code = answer.region_code and units.period = answer.period
    left join {{ ref('region_ancestor') }} as ancestry
        on
            units.region_code = ancestry.region_code
            and units.period = ancestry.period
            and ancestry.ancestor_level = 'county'
    left join {{ ref('region_year') }} as county
        on ancestry.ancestor_code = county.region_code and ancestry.period = county.period
    where
        units.measure_key = '{{ formula.units }}'
        and (answer.result is not null or coalesce(county.county_kind <> 'zone' or county.reports_separately, true))
)
{% endmacro %}


{#
  One formula over the single units of a register: each unit's own measures, 0 where its county delivered the source
  and the unit has no row, and around it the county's measures, else the prefecture's (spec §3; indicators.csv,
  assumption). is_missing: the county did not deliver what the formula asks.
#}
{% macro formula_of_units(formula) %}
{% set surroundings = ['county', 'prefecture'] if formula.region_words else ['county'] %}
(
    select
        unit_code,
        region_code,
        period,
        false as is_not_applicable,
        not is_covered as is_missing,
        case when is_covered then coalesce(
            {% for around in surroundings %}
            {% set expression = namespace(text=formula.expression) %}
            {% for word in formula.region_words %}
            {% set expression.text = modules.re.sub("\\b" ~ word ~ "\\b", around ~ "_" ~ word, expression.text) %}
            {% endfor %}
            {{ finite(expression.text) }}{{ "," if not loop.last }}
            {% endfor %}
        ) end as unit_value
    from (
        select
            units.unit_code,
            units.region_code,
            units.period,
            {% for source_name in formula.sources -%}
            covered_{{ source_name }}.county_code is not null{{ " and " if not loop.last }}
            {%- else -%}
            true
            {%- endfor %} as is_covered
            {% for word in formula.unit_words %}
            , case when coalesce(own_.n_{{ word }}, 0) > 0 then own_.{{ word }} else {{ quantity('0') }} end as {{ word }}
            {% endfor %}
            {% for around in surroundings %}{% for word in formula.region_words %}
            , in_{{ around }}.{{ word }} as {{ around }}_{{ word }}
            {% endfor %}{% endfor %}
        from {{ ref('unit_measure') }} as units
        left join (
            select
                unit_code,
                period
                {% for word in formula.unit_words %}
                , sum(case when measure_key = '{{ word }}' then value end) as {{ word }}
                , count(case when measure_key = '{{ word }}' then 1 end) as n_{{ word }}
                {% endfor %}
            from {{ ref('unit_measure') }}
            where measure_key in ('{{ formula.unit_words | join("', '") }}')
            group by unit_code, period
        ) as own_
            on units.unit_code = own_.unit_code and units.period = own_.period
        {% for around in ['county', 'prefecture'] %}
        left join {{ ref('region_ancestor') }} as {{ around }}
            on
                units.region_code = {{ around }}.region_code
                and units.period = {{ around }}.period
                and {{ around }}.ancestor_level = '{{ around }}'
        {% endfor %}
        {% for around in surroundings if formula.region_words %}
        left join (
            select
                region_code,
                period
                {% for word in formula.region_words %}
                , max(case when measure_key = '{{ word }}' then value end) as {{ word }}
                {% endfor %}
            from told
            where measure_key in ('{{ formula.region_words | join("', '") }}')
            group by region_code, period
        ) as in_{{ around }}
            on {{ around }}.ancestor_code = in_{{ around }}.region_code and units.period = in_{{ around }}.period
        {% endfor %}
        {% for source_name in formula.sources %}
        left join {{ ref('county_delivery') }} as covered_{{ source_name }}
            on
                covered_{{ source_name }}.source = '{{ source_name }}'
                and county.ancestor_code = covered_{{ source_name }}.county_code
                and units.period = covered_{{ source_name }}.period
        {% endfor %}
        where units.measure_key = '{{ formula.units }}'
    ) as operands
)
{% endmacro %}
