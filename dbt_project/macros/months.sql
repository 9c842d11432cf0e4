{#
  Months of the ledgers are kept from night to night in the database `history`, as incremental models that hold a month
  at a time (delivery_period). A month is made again when the files that landed for it are others than those it was made
  of; `month_loaded`, written after all of them, says which these were. A night that dies in between finds its months
  changed again. When the models themselves change the pipeline begins another history.
#}

{# The months of landed sources that `relation` has yet to take in, as literals: a predicate that must be computed
   would read the whole history. #}
{% macro changed_months(relation, registers) %}
    {% set landed = source("landing", "landed_month") %}
    {% if not execute %}{{ return(["''"]) }}{% endif %}
    {% set loaded = adapter.get_relation("history", "months", "month_loaded") %}
    {% set here = adapter.get_relation(relation.database, relation.schema, relation.identifier) %}
    {% set mine = "register in ('" ~ registers | join("', '") ~ "')" %}
    {% set rows = run_query(
        "select distinct coalesce(landed.delivery_period, before_.delivery_period) as month_"
        ~ " from (select * from " ~ landed ~ " where " ~ mine ~ ") as landed full outer join (select * from "
        ~ (loaded or landed) ~ " where " ~ mine ~ ("" if loaded and here else " and 1 = 0") ~ ") as before_"
        ~ " on landed.register = before_.register and landed.delivery_period = before_.delivery_period"
        ~ " and landed.digest = before_.digest"
        ~ " where landed.digest is null or before_.digest is null order by month_") %}
    {% set months = [] %}
    {% for row in rows.rows %}{% do months.append("'" ~ row[0] ~ "'") %}{% endfor %}
    {{ return(months or ["''"]) }}
{% endmacro %}


{# Before a model takes in its changed months: forget what it holds of them, or of all where nobody knows. #}
{% macro forget_changed_months(relation, registers) %}
    {% if execute and adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none %}
        delete from {{ relation }}
        {% if adapter.get_relation("history", "months", "month_loaded") is not none %}
        where delivery_period in ({{ changed_months(relation, registers) | join(", ") }})
        {% endif %}
    {% else %}
        select 1 as nothing_kept
    {% endif %}
{% endmacro %}


{# What an incremental model of months says of itself. #}
{% macro of_months(registers) %}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    incremental_strategy="append",
    pre_hook="{{ forget_changed_months(this, " ~ registers ~ ") }}"
) }}
{% endmacro %}
