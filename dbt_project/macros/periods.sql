{# Reference dates of a delivery period ('YYYY' or 'YYYY-MM'), spec §3. #}
{% macro year_of(period) -%}substr({{ period }}, 1, 4){%- endmacro %}
{% macro year_start(period) -%}cast({{ year_of(period) }} || '-01-01' as date){%- endmacro %}
{% macro year_end(period) -%}cast({{ year_of(period) }} || '-12-31' as date){%- endmacro %}
{% macro month_start(period) -%}cast({{ period }} || '-01' as date){%- endmacro %}
{% macro month_end(period) -%}last_day(cast({{ period }} || '-01' as date)){%- endmacro %}
{# Later than any date: where an open end has to be compared. #}
{% macro last_date() -%}cast('9999-12-31' as date){%- endmacro %}
