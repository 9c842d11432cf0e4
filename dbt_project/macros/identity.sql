{# Persons and payments by numbers, which compare and count several times as fast as text. #}

{# The keyed hash of an identifier (32 hexadecimal digits) as a 128-bit number: as exact as the hash itself. #}
{% macro person_key(column) -%}{{ adapter.dispatch("person_key")(column) }}{%- endmacro %}
{% macro default__person_key(column) -%}{{ column }}{%- endmacro %}
{% macro duckdb__person_key(column) -%}cast({{ column }} as uuid){%- endmacro %}

{# 64 bits of a text, to find candidates by; whether they are the same the text itself decides. #}
{% macro hash64(column) -%}{{ adapter.dispatch("hash64")(column) }}{%- endmacro %}
{% macro default__hash64(column) -%}xxhash64({{ column }}){%- endmacro %}
{% macro duckdb__hash64(column) -%}hash({{ column }}){%- endmacro %}
