{# Several rows' texts as one, in alphabetical order. #}
{% macro joined(column, separator) -%}{{ adapter.dispatch("joined")(column, separator) }}{%- endmacro %}
{% macro default__joined(column, separator) -%}
array_join(array_sort(collect_list({{ column }})), '{{ separator }}')
{%- endmacro %}
{% macro duckdb__joined(column, separator) -%}
string_agg({{ column }}, '{{ separator }}' order by {{ column }})
{%- endmacro %}


{# Periods (months and years) to be counted anew, and every month that they are counted from: literals both. #}
{% macro changed_counts(relation) %}
    {% set basis = ref("beneficiary_basis") %}
    {% if not execute %}{{ return({"periods": ["''"], "months": ["''"]}) }}{% endif %}
    {% set here = adapter.get_relation(relation.database, relation.schema, relation.identifier) %}
    {% set stale = "select period from " ~ basis %}
    {% if here %}
        {% set stale = stale ~ " except select period from (select distinct period, basis from " ~ here
            ~ " intersect select period, basis from " ~ basis ~ ") as standing" %}
    {% endif %}
    {% set periods, months = [], [] %}
    {% for row in run_query(stale ~ " order by period").rows %}{% do periods.append("'" ~ row[0] ~ "'") %}{% endfor %}
    {% for row in run_query(
        "select distinct period from " ~ basis ~ " where length(period) > 4 and (period in ("
        ~ (periods or ["''"]) | join(", ") ~ ") or substr(period, 1, 4) in (" ~ (periods or ["''"]) | join(", ")
        ~ ")) order by period").rows %}
        {% do months.append("'" ~ row[0] ~ "'") %}
    {% endfor %}
    {{ return({"periods": periods or ["''"], "months": months or ["''"]}) }}
{% endmacro %}


{# Forget the counts of periods that are counted anew, and of those that nobody is paid for any more. #}
{% macro forget_changed_counts(relation) %}
    {% if execute and adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none %}
        delete from {{ relation }}
        where
            period in ({{ changed_counts(relation).periods | join(", ") }})
            or period not in (select period from {{ ref("beneficiary_basis") }})
    {% else %}
        select 1 as nothing_kept
    {% endif %}
{% endmacro %}
