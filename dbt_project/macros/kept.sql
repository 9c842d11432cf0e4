{#
  Tables stay from night to night while what they are made of stays. The tables `kept.state` have a row for every node:
  `made_of` is the digest of its compiled SQL, its documentation and the contents of all that it reads; `content` is that
  of its rows. A node whose made_of stands is not made again, and one that is made again to the same rows stops the
  change there: what reads it stays. A night's build begins as a copy of the former one, so the tables are there
  (pipelines/warehouse/kept.py); without that copy everything is made, as with any new folder.
#}

{% macro prepare_kept() %}{{ return(adapter.dispatch("prepare_kept")()) }}{% endmacro %}
{% macro default__prepare_kept() %}{% endmacro %}
{% macro duckdb__prepare_kept() %}
    {% for database in ["work", "history"] %}
        create schema if not exists {{ database }}.kept;
        create table if not exists {{ database }}.kept.period (node varchar, code varchar, period varchar, made_of varchar);
    {% endfor %}
    {# that of the work database is there: it tells what landed (pipelines/warehouse/build.py) #}
    create table if not exists history.kept.state as select * from work.kept.state limit 0;
    {{ drop_outdated() }}
{% endmacro %}


{# Tables kept by period of which nothing stays go before anything is made, and off the disk at once, so that what is made
   anew lies where they lay: made beside them, it takes the file to twice its size, which that then keeps. Those are what
   other code made; those of months none of which is as it was; and all, where no register has a month that is. #}
{% macro drop_outdated() %}
    {% set formers, of_months, with_months, databases = {}, [], [], [] %}
    {% for node in (graph.nodes.values() if execute else []) if node.unique_id in selected_resources %}
        {% if node.config.get("period") and not node.config.get("follows") %}
            {% if node.config.get("registers") %}{% do of_months.append(node) %}{% endif %}
            {% set former = adapter.get_relation(node.database, node.schema, node.alias) %}
            {% if former %}{% do formers.update({node.unique_id: former}) %}{% endif %}
        {% endif %}
    {% endfor %}
    {% for node in of_months if node.unique_id in formers and changes(node.name).stays %}
        {% do with_months.append(node.unique_id) %}
    {% endfor %}
    {% for unique_id, former in formers.items() if unique_id not in with_months %}
        {% set node = graph.nodes[unique_id] %}
        {% set may_stay = not node.config.get("registers") and (with_months or not of_months) %}
        {% if not (may_stay and run_query(held_periods(node) ~ " limit 1").rows) %}
            {% do adapter.drop_relation(former) %}
            {% do databases.append(former.database) %}
        {% endif %}
    {% endfor %}
    {% for database in databases | unique %}checkpoint {{ database }};{% endfor %}
{% endmacro %}


{# What nodes of this run have found out already: `graph` is one dictionary for all of them. #}
{% macro noted_in_this_run() %}{{ return(graph.setdefault("noted " ~ invocation_id, {})) }}{% endmacro %}


{# unique_id → made_of and content, as far as they are known. #}
{% macro kept_state(nodes) %}
    {% set named = "('" ~ nodes | join("', '") ~ "')" %}
    {% set found = {} %}
    {% set query %}
        select node, made_of, content from work.kept.state where node in {{ named }}
        union all
        select node, made_of, content from history.kept.state where node in {{ named }}
    {% endset %}
    {% for row in run_query(query).rows %}{% do found.update({row[0]: {"made_of": row[1], "content": row[2]}}) %}{% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
  Of the node at hand: `made_of`, the digest of `text` and of all that it reads, none where the content of something
  read is not known; whether it `stands` as it is; and the content of its `former` rows.
#}
{% macro kept_node(text) %}
    {% set nodes = model.depends_on.nodes | unique | sort %}
    {% set state = kept_state(nodes + [model.unique_id]) %}
    {% set former = state.get(model.unique_id, {}).get("content") %}
    {% set parts = [text, tojson(model.get("columns", {}), sort_keys=True), model.get("description", "")] %}
    {% for node in nodes %}
        {% if node not in state %}{{ return({"made_of": none, "stands": false, "former": former}) }}{% endif %}
        {% do parts.append(node ~ " " ~ state[node].content) %}
    {% endfor %}
    {% set made_of = local_md5(parts | join("\n")) %}
    {% set stands = state.get(model.unique_id, {}).get("made_of") == made_of %}
    {{ return({"made_of": made_of, "stands": stands, "former": former}) }}
{% endmacro %}


{# The rows of a relation as one number, whatever their order, with the names and types of its columns. #}
{% macro content_of(relation) %}
    {% set query %}
        select count(*) || ' ' || coalesce(sum(cast(hash(*columns(*)) as hugeint)), 0) || ' ' || (
            select md5(string_agg(column_name || ' ' || data_type, ' ' order by column_index))
            from duckdb_columns()
            where
                database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}'
                and table_name = '{{ relation.identifier }}'
        )
        from {{ relation }}
    {% endset %}
    {% set content = run_query(query).rows[0][0] %}
    {% if content is none %}{% do exceptions.raise_compiler_error(relation ~ " has no columns to tell its content by") %}{% endif %}
    {{ return(content) }}
{% endmacro %}


{# is_changed: since the night began, which begins with false in every row. `former`: the content before. #}
{% macro remember(made_of, content, former, database="work") %}
    {% set state = database ~ ".kept.state" %}
    {% do run_query("delete from " ~ state ~ " where node = '" ~ model.unique_id ~ "';"
        ~ ("insert into " ~ state ~ " values ('" ~ model.unique_id ~ "', '" ~ made_of ~ "', '" ~ content
            ~ "', " ~ (former != content) ~ ")" if made_of is not none else "")) %}
    {% do adapter.commit() %}
{% endmacro %}


{% macro left_as_it_is(kind) %}
    {% call noop_statement("main", "KEPT") %}{% endcall %}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{% endmacro %}


{# In place of what stands there, which goes first: dbt makes the new one beside it and changes names twice, as if others
   read meanwhile. A build has no readers. #}
{% macro made_in_place(former, relation, statement_) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement("main", auto_begin=True) %}
        {% if former is not none %}drop {{ former.type }} if exists {{ former }};{% endif %}
        {{ statement_ }}
    {% endcall %}
    {% do persist_docs(relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}


{% materialization table, adapter="duckdb" %}
    {% set node, former = kept_node(compiled_code), load_cached_relation(this) %}
    {% if node.stands and former is not none %}{{ return(left_as_it_is("table")) }}{% endif %}
    {% set table = this.incorporate(type="table") %}
    {% set made = create_by_year(table, compiled_code) if config.get("by_year") else create_table_as(False, table, compiled_code) %}
    {{ made_in_place(former, table, made) }}
    {% do remember(node.made_of, content_of(table), node.former) %}
    {{ return({"relations": [table]}) }}
{% endmaterialization %}


{# Its rows are not looked at: they follow from what it reads. #}
{% materialization view, adapter="duckdb" %}
    {% set node, former = kept_node(compiled_code), load_cached_relation(this) %}
    {% if node.stands and former is not none %}{{ return(left_as_it_is("view")) }}{% endif %}
    {% set view = this.incorporate(type="view") %}
    {{ made_in_place(former, view, create_view_as(view, compiled_code)) }}
    {% do remember(node.made_of, node.made_of, node.former) %}
    {{ return({"relations": [view]}) }}
{% endmaterialization %}


{% materialization seed, adapter="duckdb" %}
    {% set node = kept_node(model.checksum.checksum ~ tojson(model.config.get("column_types", {}), sort_keys=True)) %}
    {% if node.stands and load_cached_relation(this) is not none %}
        {% do store_result("agate_table", response="KEPT") %}
        {{ return(left_as_it_is("table")) }}
    {% endif %}
    {# dbt fills a seed that is there in its old columns #}
    {% set former = load_cached_relation(this) %}
    {% if former is not none %}{% do adapter.drop_relation(former) %}{% endif %}
    {% set result = dbt.materialization_seed_default() %}
    {% do remember(node.made_of, content_of(this), node.former) %}
    {{ return(result) }}
{% endmaterialization %}


{# Digest of the code of a node and of all models and seeds above it; what they read of deliveries is not in it. #}
{% macro code_of(node) %}
    {% set seen, coming = [], [node] %}
    {% for _ in range(500) %}
        {% if coming %}
            {% set at = coming.pop() %}
            {% if at in graph.nodes and at not in seen %}
                {% do seen.append(at) %}
                {% do coming.extend(graph.nodes[at].depends_on.nodes) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% set parts = [env_var("CARESTAT_MACROS", "")] %}
    {% for at in seen | sort %}
        {% do parts.append(at ~ " " ~ graph.nodes[at].checksum.checksum) %}
        {% do parts.append(tojson(graph.nodes[at].config.get("column_types") or {}, sort_keys=True)) %}
    {% endfor %}
    {{ return(local_md5(parts | join("\n"))) }}
{% endmacro %}
