{# Several rows' texts as one, in alphabetical order. #}
{% macro joined(column, separator) -%}{{ adapter.dispatch("joined")(column, separator) }}{%- endmacro %}
{% macro default__joined(column, separator) -%}
array_join(array_sort(collect_list({{ column }})), '{{ separator }}')
{%- endmacro %}
{% macro duckdb__joined(column, separator) -%}
string_agg({{ column }}, '{{ separator }}' order by {{ column }})
{%- endmacro %}


{# Periods of `basis` (period, basis) that `relation` was not made of: literals. #}
{% macro changed_periods(relation, basis) %}
    {% if not execute %}{{ return(["''"]) }}{% endif %}
    {% set query = "select period from " ~ basis %}
    {% if kept(relation) %}
        {% set query = query ~ " except select period from (select distinct period, basis from " ~ relation
            ~ " intersect select period, basis from " ~ basis ~ ") as standing" %}
    {% endif %}
    {{ return(as_literals(query ~ " order by 1")) }}
{% endmacro %}


{# Periods (months and years) whose persons are to be counted anew, and every month that they are counted from. #}
{% macro changed_counts(relation) %}
    {% set basis = ref("beneficiary_basis") %}
    {% if not execute %}{{ return({"periods": ["''"], "months": ["''"]}) }}{% endif %}
    {% set periods = changed_periods(relation, basis) %}
    {% set wanted = periods | join(", ") %}
    {{ return({"periods": periods, "months": as_literals(
        "select distinct period from " ~ basis ~ " where length(period) > 4 and (period in (" ~ wanted
        ~ ") or substr(period, 1, 4) in (" ~ wanted ~ ")) order by 1")}) }}
{% endmacro %}


{# Forget what was counted of periods that are counted anew, and of those that nobody is paid for any more. #}
{% macro forget_changed_counts(relation, period="period") %}
    {% set basis = ref("beneficiary_basis") %}
    {% if execute and kept(relation) %}
        {% set counts = kept_table('beneficiary_count') %}
        delete from {{ relation }}
        where
            {{ period }} in ({{ changed_counts(counts).periods | join(", ") }})
            or {{ period }} not in (select period from {{ basis }})
    {% else %}
        select 1 as nothing_kept
    {% endif %}
{% endmacro %}
