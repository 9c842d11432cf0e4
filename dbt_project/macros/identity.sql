{# 64 bits of a text, to find candidates by; whether they are the same the text itself decides. #}
{% macro hash64(column) -%}{{ adapter.dispatch("hash64")(column) }}{%- endmacro %}
{% macro default__hash64(column) -%}xxhash64({{ column }}){%- endmacro %}
{% macro duckdb__hash64(column) -%}hash({{ column }}){%- endmacro %}
