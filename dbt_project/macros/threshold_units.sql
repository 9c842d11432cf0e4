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
