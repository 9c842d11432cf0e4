{#
  Months of the ledgers are kept from night to night in the database `history`, as incremental models that hold a month
  at a time (delivery_period). Rows say what files they were made of (made_of; in long tables one row of each month does),
  so that the table itself tells which months it has: a month is made again when other files have landed for it,
  whatever happened to earlier nights.
  When the models change the pipeline begins another history.
#}

{# The landed files of each month of some sources: delivery_period, made_of. #}
{% macro month_files(registers) -%}
select
        delivery_period,
        {{ joined('digest', ' ') }} as made_of
    from {{ source('landing', 'landed_month') }}
    where register in ('{{ registers | join("', '") }}')
    group by delivery_period
{%- endmacro %}


{# Months as literals, in order: a predicate that must be computed would read the whole history. #}
{% macro as_literals(query) %}
    {% set literals = [] %}
    {% for row in run_query(query).rows %}{% do literals.append("'" ~ row[0] ~ "'") %}{% endfor %}
    {{ return(literals or ["''"]) }}
{% endmacro %}


{# A table of the history, by name: for models that are made before it and follow what it lacks. #}
{% macro kept_table(name) %}
    {{ return(api.Relation.create(database="history", schema="months", identifier=name)) }}
{% endmacro %}


{# The relation as an earlier night left it, if it did. #}
{% macro kept(relation) %}
    {{ return(not flags.FULL_REFRESH and adapter.get_relation(relation.database, relation.schema, relation.identifier)) }}
{% endmacro %}


{# The files that `relation` was made of, by month. #}
{% macro held_files(relation) -%}
select distinct delivery_period, made_of from {{ relation }} where made_of is not null
{%- endmacro %}


{# The months that `relation` has yet to take in. #}
{% macro changed_months(relation, registers) %}
    {% set landed = month_files(registers) %}
    {% if not execute %}{{ return(["''"]) }}{% endif %}
    {% set query = "select landed.delivery_period from (" ~ landed ~ ") as landed" %}
    {% if kept(relation) %}
        {% set query = query ~ " left join (" ~ held_files(relation) ~ ") as held on landed.delivery_period = held.delivery_period and landed.made_of = held.made_of"
            ~ " where held.made_of is null" %}
    {% endif %}
    {{ return(as_literals(query ~ " order by 1")) }}
{% endmacro %}


{# Before a model takes in its changed months: forget what it holds of files that are no longer in force. #}
{% macro forget_changed_months(relation, registers) %}
    {% set landed = month_files(registers) %}
    {% if execute and kept(relation) %}
        delete from {{ relation }}
        where delivery_period in ({{ as_literals(
            "select distinct held.delivery_period from (" ~ held_files(relation) ~ ") as held left join (" ~ landed ~ ") as landed on landed.delivery_period = held.delivery_period"
            ~ " and landed.made_of = held.made_of where landed.made_of is null order by 1") | join(", ") }})
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
