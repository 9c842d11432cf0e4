{#
  The registry's threshold formulas, read when the model runs: a list of {expression, measures}. The expression is SQL
  over measure keys and `level` (seeds/indicators.csv, threshold_unit_value); measures are the keys it names.
#}
{% macro threshold_expressions() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set known = run_query("select measure_key from " ~ ref('measures')).columns[0].values() %}
    {% set formulas = run_query(
        "select distinct threshold_unit_value from " ~ ref('indicators')
        ~ " where kind = 'threshold_share' order by threshold_unit_value").columns[0].values() %}
    {% set found = [] %}
    {% for formula in formulas %}
        {% set used = [] %}
        {% for word in modules.re.findall("[a-z_][a-z_0-9]*", formula) %}
            {% if word in known and word not in used %}{% do used.append(word) %}{% endif %}
        {% endfor %}
        {% do found.append({"expression": formula, "measures": used}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# One formula over every region and year, with `operand` (a column of measure_value, or 1) in place of its measures. #}
{% macro threshold_formula(formula, operand) %}
(
    select
        region_code,
        period,
        is_not_applicable,
        {{ ratio(formula.expression) }} as result
    from (
        select
            regions.region_code,
            regions.period,
            regions.level,
            coalesce(bool_or(measured.is_not_applicable), false) as is_not_applicable,
            {% for measure in formula.measures %}
            max(case when measured.measure_key = '{{ measure }}' then {{ operand }} end)
                as {{ measure }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref('region_year') }} as regions
        left join {{ ref('measure_value') }} as measured
            on
                regions.region_code = measured.region_code
                and regions.period = measured.period
                and measured.measure_key in ('{{ formula.measures | join("', '") }}')
        group by regions.region_code, regions.period, regions.level
    ) as operands
)
{% endmacro %}
