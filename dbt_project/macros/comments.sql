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


{% macro spark__comments_of(relation, on_table, on_columns) %}
    {% if on_table %}
        {% do run_query("comment on table " ~ relation ~ " is " ~ spark__string_literal(on_table)) %}
    {% endif %}
    {% do comment_columns(relation, on_columns) %}
{% endmacro %}
