{#
  Tables that stay from night to night by period (a delivery month, a month paid for, a year): incremental models that say
  in their configuration
    period     the column whose values are made anew or stay
    registers  the sources whose landed files of a month its rows are made of; or
    basis      a model of (period, basis): a digest of all that the rows of a period depend on
    batch      how many periods are made by one statement (all), or `year`: those of a year, so that memory does not
               follow the history
    merges     the column by which rows are put in place of others, where a row is of several periods: the model says
               what stays of the rows that are there
    sorted_by  the columns by which a statement's rows are laid down, so that those of a period lie together
    follows    of a table that does not stay: the kept table whose changed periods it is made for
  and ask for {{ anew() }}: the periods to be made, as literals, since a predicate that must be computed reads the whole
  history. What each period was made of stands in kept.period, in the database of the table or beside it; the same
  transaction writes both, so a night that dies leaves neither.
#}

{# The landed files of each month of some sources. #}
{% macro month_files(registers) -%}
select
        delivery_period as period,
        {{ joined('digest', ' ') }} as made_of
    from {{ source('landing', 'landed_month') }}
    where register in ('{{ registers | join("', '") }}')
    group by delivery_period
{%- endmacro %}


{# What a model of months of deliveries says of itself. #}
{% macro of_months(registers, batch=6, sorted_by=none) %}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="delivery_period",
    registers=registers,
    batch=batch,
    sorted_by=sorted_by
) }}
{% endmacro %}


{# Of a kept table: `anew`, the periods to be made and what of; `gone`, those to be forgotten; `stays`, how many stay.
   Asked as often as the table and those beside it say {{ anew() }}, before it is made: found out once. #}
{% macro changes(name) %}
    {% set found = {"anew": {}, "gone": [], "stays": 0} %}
    {% if not execute %}{{ return(found) }}{% endif %}
    {% set noted = noted_in_this_run() %}
    {% if "changes " ~ name in noted %}{{ return(noted["changes " ~ name]) }}{% endif %}
    {% set node = graph.nodes["model." ~ project_name ~ "." ~ name] %}
    {% if node.config.get("registers") %}
        {% set wanted = month_files(node.config.registers) %}
    {% else %}
        {% set basis = graph.nodes["model." ~ project_name ~ "." ~ node.config.basis] %}
        {% set wanted = "select period, basis as made_of from "
            ~ api.Relation.create(database=basis.database, schema=basis.schema, identifier=basis.alias) %}
    {% endif %}
    {% set query %}
        select
            coalesce(wanted.period, held.period) as period,
            wanted.made_of,
            held.made_of as held_made_of
        from ({{ wanted }}) as wanted
        full outer join ({{ held_periods(node) }}) as held
            on wanted.period = held.period
        order by 1
    {% endset %}
    {% for period, made_of, held in run_query(query).rows %}
        {% if made_of is none %}
            {% do found.gone.append(period) %}
        {% elif made_of == held %}
            {% do found.update({"stays": found.stays + 1}) %}
        {% else %}
            {% do found.anew.update({period: made_of}) %}
        {% endif %}
    {% endfor %}
    {% do noted.update({"changes " ~ name: found}) %}
    {{ return(found) }}
{% endmacro %}


{# What each period of a kept table was made of, as far as the present code made it. #}
{% macro held_periods(node) %}{{ return(adapter.dispatch("held_periods")(node)) }}{% endmacro %}
{# Elsewhere nothing is kept: every run makes all periods (docs/cluster.md). #}
{% macro default__held_periods(node) %}
    {{ return("select 'none' as period, 'nothing' as made_of from (select 1 as one) as nothing where one = 0") }}
{% endmacro %}
{% macro duckdb__held_periods(node) %}
    {% set is_there = not flags.FULL_REFRESH and adapter.get_relation(node.database, node.schema, node.alias) %}
    {{ return(
        "select period, made_of from " ~ period_record(node) ~ " where node = '" ~ node.unique_id ~ "' and code = '"
        ~ period_code(node.unique_id) ~ "'" ~ ("" if is_there else " and false")
    ) }}
{% endmacro %}


{# Digest of what makes a table, and of what is said of its columns. #}
{% macro period_code(node) %}
    {% set noted, told = noted_in_this_run(), graph.nodes[node] %}
    {% if "code " ~ node not in noted %}
        {% set code = local_md5(code_of(node) ~ tojson(told.columns, sort_keys=True) ~ told.description) %}
        {% do noted.update({"code " ~ node: code}) %}
    {% endif %}
    {{ return(noted["code " ~ node]) }}
{% endmacro %}


{# Where a table's periods are recorded: beside it, but nothing but marts stands in the released file. #}
{% macro period_record(node) -%}{{ "history" if node.database == "history" else "work" }}.kept.period{%- endmacro %}


{# Texts as literals. #}
{% macro literals(texts) -%}{{ "'" ~ texts | join("', '") ~ "'" }}{%- endmacro %}


{# The periods that the model at hand, or the kept table that it follows, has to make, as literals. #}
{% macro anew() -%}
/* anew */ {{ literals(changes(config.get("follows") or model.name).anew.keys() if execute else []) }} /* end */
{%- endmacro %}


{# Whether a column of a table made by models holds one of the periods to be made, or of other literals. #}
{% macro among(column, texts=none) -%}
{{ adapter.dispatch("among")(column, anew() if texts is none else texts) }}
{%- endmacro %}
{% macro default__among(column, texts) -%}{{ column }} in ({{ texts }}){%- endmacro %}
{# Of `in` DuckDB takes only which blocks of rows to leave out, then reads all columns of the others; of a function it
   reads the columns of the rows that it holds for. #}
{% macro duckdb__among(column, texts) -%}
{{ column }} in ({{ texts }}) and list_contains([{{ texts }}], {{ column }})
{%- endmacro %}


{# The answers to a query as literals. #}
{% macro as_literals(query) %}
    {{ return(literals(run_query(query).columns[0].values() if execute else [])) }}
{% endmacro %}


{# The month of a period as a bit, so that months of a person are one number. #}
{% macro month_bit(period) -%}
case substr({{ period }}, 6, 2)
            {%- for month in range(1, 13) %} when '{{ "%02d" % month }}' then {{ 2 ** (month - 1) }}{% endfor %} else 0
        end
{%- endmacro %}


{# Months paid for lie in few delivery months: these, as a query that engines prune by. #}
{% macro delivered_for(months) -%}
select told.delivery_period from {{ ref('ledger_told') }} as told where told.month_ in ({{ months }})
{%- endmacro %}


{# The periods that change, with the bits of a year's months that stay: year → bits. #}
{% macro bits_that_stay(told) %}
    {% set bits = {} %}
    {% for month in (told.anew.keys() | list) + told.gone %}
        {% do bits.update({month[:4]: bits.get(month[:4], 4095) - 2 ** (month[5:] | int - 1)}) %}
    {% endfor %}
    {{ return(bits) }}
{% endmacro %}


{# Of ledger_repeat: a month that stays held the other row of a number that its own month no longer pays. #}
{% macro no_longer_repeated() %}{{ return(adapter.dispatch("no_longer_repeated")()) }}{% endmacro %}
{# Elsewhere nothing is kept. #}
{% macro default__no_longer_repeated() %}{% endmacro %}
{% macro duckdb__no_longer_repeated() %}
delete from {{ this }}
where {{ hash64("payment_id") }} in (
    select {{ hash64("payment_id") }} from {{ this }}
    group by 1 having count(case when payment_status = 'paid' then 1 end) < 2
)
{% endmacro %}


{# When a run ends: payments to persons stay nowhere but in the landed files (person_year holds months, no payments). #}
{% macro forget_persons() %}
    {% for node in (graph.nodes.values() if execute else []) if node.config.follows and node.database == "history" %}
    drop table if exists {{ node.database }}.{{ node.schema }}.{{ node.alias }};
    {% endfor %}
{% endmacro %}


{# Periods as one statement makes them: so many, or those of a year. #}
{% macro batches(periods) %}
    {% if config.get("batch") != "year" %}{{ return(periods | batch(config.get("batch", 1000000))) }}{% endif %}
    {% set years = {} %}
    {% for period in periods %}{% do years.setdefault(period[:4], []).append(period) %}{% endfor %}
    {{ return(years.values()) }}
{% endmacro %}


{# Whether rows that were deleted before now may be cleared away, which rewrites much that stays: only where they are as
   many as a fourth of those that are there. duckdb_tables() counts both. #}
{% macro clear_away(table) %}
    {% set query %}
        select estimated_size > 1.25 * (select count(*) from {{ table }})
        from duckdb_tables()
        where
            database_name = '{{ table.database }}' and schema_name = '{{ table.schema }}'
            and table_name = '{{ table.identifier }}'
    {% endset %}
    {% do run_query("set max_vacuum_tasks = " ~ (100 if run_query(query).rows[0][0] else 0)) %}
{% endmacro %}


{% materialization incremental, adapter="duckdb" %}
    {% set table, former = this.incorporate(type="table"), load_cached_relation(this) %}
    {% set node = graph.nodes[model.unique_id] %}
    {% set follows = config.get("follows") %}
    {% set told = changes(follows or model.name) %}
    {% set begins = former is none or follows is not none or not told.stays %}
    {% set period, anew = config.get("period"), told.anew.keys() | list %}
    {% set record = period_record(node) %}
    {% set touched = literals(anew + told.gone) %}
    {% set merges = config.get("merges") if not begins %}
    {% set forget_record %}
        delete from {{ record }} where node = '{{ model.unique_id }}'{% if not begins %} and period in ({{ touched }}){% endif %}
    {% endset %}
    {% set keep_record %}
        insert into {{ record }} values
        {% for name, made_of in told.anew.items() %}
        ('{{ model.unique_id }}', '{{ period_code(model.unique_id) }}', '{{ name }}', '{{ made_of }}'){{ "," if not loop.last }}
        {% endfor %}
    {% endset %}
    {% set is_beside, sorted_by = this.database == "history", config.get("sorted_by") %}

    {% if not begins %}{% do clear_away(table) %}{% endif %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if begins %}
        {% if former is not none %}{% do adapter.drop_relation(former) %}{% endif %}
        {% call statement("begin_table", auto_begin=True) %}
            {{ create_table_as(False, table, "select * from (\n" ~ compiled_code ~ "\n) as nothing_yet limit 0") }}
        {% endcall %}
    {% elif merges and (anew or told.gone) %}
        {% call statement("merge", auto_begin=True) %}
            create or replace temp table merged as
            {{ compiled_code }}
        {% endcall %}
        {% call statement("replaced", auto_begin=True) %}
            delete from {{ table }} where {{ merges }} in ({{ literals(bits_that_stay(told).keys()) }})
        {% endcall %}
        {% call statement("replace", auto_begin=True) %}
            insert into {{ table }} by name from merged
        {% endcall %}
        {% call statement("merged", auto_begin=True) %}
            drop table temp.merged
        {% endcall %}
    {% elif anew or told.gone %}
        {% call statement("forget", auto_begin=True) %}
            delete from {{ table }} where {{ period }} in ({{ touched }})
        {% endcall %}
    {% endif %}
    {% for batch in batches(anew) if not merges %}
        {% set made = modules.re.sub("(?s)/\* anew \*/.*?/\* end \*/", literals(batch), compiled_code) %}
        {% call statement("batch_" ~ loop.index, auto_begin=True) %}
            insert into {{ table }} by name
            {% if sorted_by %}
            select * from (
            {{ made }}
            ) as made order by {{ sorted_by | join(", ") }}
            {% else %}
            {{ made }}
            {% endif %}
        {% endcall %}
    {% endfor %}
    {% call noop_statement("main", "KEPT " ~ told.stays ~ ", MADE " ~ anew | length) %}{% endcall %}
    {% if begins %}{% do persist_docs(table, model) %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if not is_beside %}{% do adapter.commit() %}{% endif %}
    {% if follows is none %}
        {% do run_query(forget_record) %}
        {% if anew %}{% do run_query(keep_record) %}{% endif %}
    {% endif %}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {% if follows is none %}
        {% set content = run_query("select md5(string_agg(period || ' ' || made_of, ' ' order by period)) from " ~ record
            ~ " where node = '" ~ model.unique_id ~ "'").rows[0][0] %}
        {% set code = period_code(model.unique_id) %}
        {% set before = kept_state([model.unique_id]).get(model.unique_id, {}).get("content") %}
        {% do remember(code, code ~ " " ~ content, before, "history" if is_beside else "work") %}
    {% endif %}
    {{ return({"relations": [table]}) }}
{% endmaterialization %}
