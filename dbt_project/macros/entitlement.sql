{#
  Programmes that something is due under, and the conditions they name, read from the registry when the model runs:
  a list of {code, register, base, valid_from, valid_to, conditions: [{key, met, value}]}. Expressions are SQL over the
  columns of the register's month (seeds/subsidy_programmes.csv, seeds/subsidy_conditions.csv).
#}
{% macro subsidy_programmes_due() %}
    {% set programmes, conditions = ref("subsidy_programmes"), ref("subsidy_conditions") %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set by_key = {} %}
    {% for row in run_query("select condition_key, register, met_expression, value_expression from " ~ conditions).rows %}
        {% do by_key.update({row[0]: {"key": row[0], "register": row[1], "met": of_registry(row[2]), "value": of_registry(row[3])}}) %}
    {% endfor %}
    {% set found = [] %}
    {% for row in run_query(
        "select programme_code, register, base_expression, valid_from, valid_to, conditions from "
        ~ programmes ~ " where kind = 'subsidy' and unit_amount is not null and base_expression is not null"
        ~ " order by programme_code").rows %}
        {% set programme = {"code": row[0], "register": row[1], "base": row[2], "valid_from": row[3],
            "valid_to": row[4], "conditions": []} %}
        {% for key in (row[5] or "").split("|") if key %}
            {% if by_key[key] is not defined or by_key[key].register != row[1] %}
                {{ exceptions.raise_compiler_error("seeds/subsidy_programmes.csv: " ~ row[0] ~ " names the condition '"
                    ~ key ~ "', which seeds/subsidy_conditions.csv does not have for " ~ row[1]) }}
            {% endif %}
            {% do programme.conditions.append(by_key[key]) %}
        {% endfor %}
        {% do found.append(programme) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# An expression of the registry in the engine's own words. #}
{% macro of_registry(expression) %}{{ return(adapter.dispatch("of_registry")(expression)) }}{% endmacro %}
{% macro default__of_registry(expression) %}{{ return(expression) }}{% endmacro %}
{% macro spark__of_registry(expression) %}{{ return(expression | replace(" as varchar)", " as string)")) }}{% endmacro %}


{# Every condition of the registry, by name: the condition columns of an entitlement. #}
{% macro condition_columns() %}
    {% set conditions = ref("subsidy_conditions") %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {{ return(run_query("select condition_key from " ~ conditions ~ " order by condition_key").columns[0].values() | list) }}
{% endmacro %}


{# The keys of conditions that are not met, or that cannot be told, joined by '|'; NULL where there are none. #}
{% macro named_where(conditions, verdict) -%}
nullif(concat_ws(
            '|'
            {%- for condition in conditions %},
            case when {{ "not (" ~ condition.met ~ ")" if verdict == "not" else "(" ~ condition.met ~ ") is null" }}
                then '{{ condition.key }}' end
            {%- else %}, cast(null as string)
            {%- endfor %}
        ), '')
{%- endmacro %}
