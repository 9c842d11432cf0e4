{# Several rows' texts as one, in alphabetical order or that of another column. #}
{% macro joined(column, separator, by=none) -%}
{{ adapter.dispatch("joined")(column, separator, by or column) }}
{%- endmacro %}
{% macro default__joined(column, separator, by) -%}
listagg({{ column }}, '{{ separator }}') within group (order by {{ by }})
{%- endmacro %}
{% macro duckdb__joined(column, separator, by) -%}
string_agg({{ column }}, '{{ separator }}' order by {{ by }})
{%- endmacro %}
