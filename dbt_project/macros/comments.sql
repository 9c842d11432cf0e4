{#
  Comments that follow from the registry: on the relation at hand and its columns, {name: text}. Text of a post-hook;
  empty where they are made at once.
#}
{% macro comments_of(relation, on_table, on_columns) %}
    {{ return(adapter.dispatch("comments_of")(relation, on_table, on_columns)) }}
{% endmacro %}


{% macro duckdb__comments_of(relation, on_table, on_columns) %}
    {% if on_table %}
    comment on table {{ relation }} is '{{ on_table | replace("'", "''") }}';
    {% endif %}
    {% for name, text in on_columns.items() %}
    comment on column {{ relation }}.{{ name }} is '{{ text | replace("'", "''") }}';
    {% endfor %}
{% endmacro %}


{# Those of a schema file, all of whose columns are there. #}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% set texts = {} %}
    {% for name, column in column_dict.items() %}{% do texts.update({name: column.description}) %}{% endfor %}
    {{ duckdb__comments_of(relation, none, texts) }}
{% endmacro %}


{% macro spark__comments_of(relation, on_table, on_columns) %}
    {% if on_table %}
        {% do run_query("comment on table " ~ relation ~ " is " ~ spark__string_literal(on_table)) %}
    {% endif %}
    {% do comment_columns(relation, on_columns) %}
{% endmacro %}
