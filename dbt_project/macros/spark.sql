{#
  Where dbt-spark needs another word than dbt-duckdb. What SQL itself says differently stands beside its macro, as
  spark__ or default__; nothing here is used on DuckDB.
#}

{# The contracts' varchar is Spark's string: a varchar without a length is none there. #}
{% macro spark__cast(field, type) %}
cast({{ field }} as {{ "string" if type == "varchar" else type }})
{% endmacro %}


{# A text as a literal. #}
{% macro spark__string_literal(value) -%}
'{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}


{# Seeds row by row as literals: a session binds text without escaping quotes. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model["config"].get("column_types", {}) %}
    {% set statements = [] %}
    {% for chunk in agate_table.rows | batch(1000) %}
        {% set sql %}
            insert into {{ this }} values
            {% for row in chunk %}
            ({% for name in agate_table.column_names %}
                {% set cell = row[loop.index0] %}
                cast({{ "null" if cell is none else spark__string_literal(cell) }} as {{
                    types.get(name, adapter.convert_type(agate_table, loop.index0)) }}){{ "," if not loop.last }}
            {% endfor %}){{ "," if not loop.last }}
            {% endfor %}
        {% endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
        {% do statements.append(sql) %}
    {% endfor %}
    {{ return(statements[0]) }}
{% endmacro %}


{# Every run makes all months: nothing is kept (kept, in months.sql), and Parquet tables cannot delete rows. #}
{% materialization incremental, adapter="spark" %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}


{#
  A documented table is made with its columns' comments and then filled: a comment more is a change of the catalogue
  more, and most tables have dozens. Spark itself tells the types: a Thrift server names them without their precision.
  Others as dbt-spark makes them.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language="sql") %}
    {% if temporary or not config.persist_column_docs() or not model.columns %}
        {{ return(dbt.spark__create_table_as(temporary, relation, compiled_code, language)) }}
    {% endif %}
    {% if config.get("contract").enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {% set compiled_code = get_select_subquery(compiled_code) %}
    {% endif %}
    {% set columns = [] %}
    {% for name, type, _ in run_query("describe query\n" ~ compiled_code).rows %}
        {% do columns.append(commented_column(name, type)) %}
    {% endfor %}
    {% do run_query("create table " ~ relation ~ " (" ~ columns | join(", ") ~ ") " ~ file_format_clause()
        ~ partition_cols(label="partitioned by") ~ location_clause() ~ comment_clause()) %}
    insert into {{ relation }}
    {{ compiled_code }}
{% endmacro %}


{% macro commented_column(name, type) %}
    {% set told = model.columns.get(name, {}).get("description") %}
    {{ return(adapter.quote(name) ~ " " ~ type ~ (" comment " ~ spark__string_literal(told) if told else "")) }}
{% endmacro %}


{% macro spark__create_csv_table(model, agate_table) %}
    {% set types = model["config"].get("column_types", {}) %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append(commented_column(name, types.get(name, adapter.convert_type(agate_table, loop.index0)))) %}
    {% endfor %}
    {% set made = "create table " ~ this ~ " (" ~ columns | join(", ") ~ ") " ~ file_format_clause()
        ~ location_clause() ~ comment_clause() %}
    {% do run_query(made) %}
    {{ return(made) }}
{% endmacro %}


{# Comments are there already. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) %}{% endmacro %}


{# Those that follow from the registry, one by one: name → text. #}
{% macro comment_columns(relation, texts) %}
    {% for name, text in texts.items() %}
        {% do run_query("alter table " ~ relation ~ " alter column " ~ adapter.quote(name) ~ " comment "
            ~ spark__string_literal(text)) %}
    {% endfor %}
{% endmacro %}
