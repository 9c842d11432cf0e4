{# The months to be audited anew, as literals. #}
{% macro audited_anew(relation) %}
    {% set basis = ref("audit_basis") %}
    {% if not execute %}{{ return(["''"]) }}{% endif %}
    {{ return(changed_periods(relation, basis)) }}
{% endmacro %}


{# Whether a key's period is audited anew: a changed month, or what is due once, by the year or for an unknown month. #}
{% macro audited_period(period, months) -%}
({{ period }} in ({{ months | join(", ") }}) or {{ period }} not like '____-__')
{%- endmacro %}


{# Forget the audit of what is audited anew, and of months that nothing tells of any more. #}
{% macro forget_audited(relation) %}
    {% set basis = ref("audit_basis") %}
    {% if execute and kept(relation) %}
        delete from {{ relation }}
        where
            {{ audited_period("period", audited_anew(relation)) }}
            or period not in (select period from {{ basis }})
    {% else %}
        select 1 as nothing_kept
    {% endif %}
{% endmacro %}


{# What is paid for (months, years, once) that is added up anew, as literals. #}
{% macro paid_anew(relation) %}
    {% set basis = ref("payment_basis") %}
    {% if not execute %}{{ return(["''"]) }}{% endif %}
    {{ return(changed_periods(relation, basis)) }}
{% endmacro %}


{% macro forget_paid(relation) %}
    {% set basis = ref("payment_basis") %}
    {% if execute and kept(relation) %}
        delete from {{ relation }}
        where period in ({{ paid_anew(relation) | join(", ") }}) or period not in (select period from {{ basis }})
    {% else %}
        select 1 as nothing_kept
    {% endif %}
{% endmacro %}
