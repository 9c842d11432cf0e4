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
  read is not known; and whether it `stands` as it is.
#}
{% macro kept_node(text) %}
    {% set nodes = model.depends_on.nodes | unique | sort %}
    {% set state = kept_state(nodes + [model.unique_id]) %}
    {% set parts = [text, tojson(model.get("columns", {}), sort_keys=True), model.get("description", "")] %}
    {% for node in nodes %}
        {% if node not in state %}{{ return({"made_of": none, "stands": false}) }}{% endif %}
        {% do parts.append(node ~ " " ~ state[node].content) %}
    {% endfor %}
    {% set made_of = local_md5(parts | join("\n")) %}
    {{ return({"made_of": made_of, "stands": state.get(model.unique_id, {}).get("made_of") == made_of}) }}
{% endmacro %}


{# The rows of a relation as one number, whatever their order, with the names and types of its columns. #}
{% macro content_of(relation) %}
    {% set query = "select count(*) || ' ' || coalesce(sum(cast(hash(*columns(*)) as hugeint)), 0) from " ~ relation %}
    {% set parts = [run_query(query).rows[0][0]] %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do parts.append(column.name ~ " " ~ column.data_type) %}
    {% endfor %}
    {{ return(parts[0] ~ " " ~ local_md5(parts[1:] | join("\n"))) }}
{% endmacro %}


{# is_changed: since the night began, which begins with false in every row. #}
{% macro remember(made_of, content, database="work") %}
    {% set state = database ~ ".kept.state" %}
    {% set former = kept_state([model.unique_id]).get(model.unique_id, {}).get("content") %}
    {% do run_query("delete from " ~ state ~ " where node = '" ~ model.unique_id ~ "'") %}
    {% if made_of is not none %}
        {% do run_query("insert into " ~ state ~ " values ('" ~ model.unique_id ~ "', '" ~ made_of ~ "', '" ~ content
            ~ "', " ~ (former != content) ~ ")") %}
    {% endif %}
    {% do adapter.commit() %}
{% endmacro %}


{% macro left_as_it_is(kind) %}
    {% call noop_statement("main", "KEPT") %}{% endcall %}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{% endmacro %}


{% materialization table, adapter="duckdb" %}
    {% set node = kept_node(compiled_code) %}
    {% if node.stands and load_cached_relation(this) is not none %}{{ return(left_as_it_is("table")) }}{% endif %}
    {% set result = dbt.materialization_table_duckdb() %}
    {% do remember(node.made_of, content_of(this)) %}
    {{ return(result) }}
{% endmaterialization %}


{# Its rows are not looked at: they follow from what it reads. #}
{% materialization view, adapter="duckdb" %}
    {% set node = kept_node(compiled_code) %}
    {% if node.stands and load_cached_relation(this) is not none %}{{ return(left_as_it_is("view")) }}{% endif %}
    {% set result = dbt.materialization_view_default() %}
    {% do remember(node.made_of, node.made_of) %}
    {{ return(result) }}
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
    {% do remember(node.made_of, content_of(this)) %}
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
