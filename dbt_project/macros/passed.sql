{#
  A test that passed on the same rows passes. Of a table kept by period (months.sql) a test whose findings lie within one
  period looks at the periods made since it passed last; its query says where: {{ unseen() }}. Those in which something is
  found, and the others of that night, are looked at again.
#}

{% macro unseen() -%} /* unseen */ true /* end */ {%- endmacro %}


{# The kept table that the test at hand looks at by period, none where it has to look at everything. #}
{% macro looked_at_by_period(query) %}
    {% set nodes = model.depends_on.nodes | unique | list %}
    {% set tested = graph.nodes.get(nodes[0]) if nodes | length == 1 else none %}
    {% set period = tested.config.get("period") if tested and not tested.config.get("follows") %}
    {% if "/* unseen */" in query and period in model.get("test_metadata", {}).get("kwargs", {}).get("columns", []) %}
        {{ return(tested) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{# Of that table: `anew`, the periods to be looked at; `stays`, whether there are others; `record`, the statements that
   note that all of them have passed, where remember() notes it, since one transaction writes one database. #}
{% macro periods_unseen(tested, query) %}
    {% set record, code = "work.kept.period", local_md5(query ~ period_code(tested.unique_id)) %}
    {% set present = held_periods(tested) %}
    {% set mine = "node = '" ~ model.unique_id ~ "'" %}
    {% set found %}
        select
            present.period,
            seen.period is not null as stays
        from ({{ present }}) as present
        left join (select period, made_of from {{ record }} where {{ mine }} and code = '{{ code }}') as seen
            on present.period = seen.period and present.made_of = seen.made_of
        order by 1
    {% endset %}
    {% set anew, stays = [], [] %}
    {% for period, is_seen in run_query(found).rows %}{% do (stays if is_seen else anew).append(period) %}{% endfor %}
    {{ return({"anew": anew, "stays": stays | length > 0, "record": [
        "delete from " ~ record ~ " where " ~ mine,
        "insert into " ~ record ~ " select '" ~ model.unique_id ~ "', '" ~ code ~ "', present.period, present.made_of"
            ~ " from (" ~ present ~ ") as present",
    ]}) }}
{% endmacro %}


{% materialization test, adapter="duckdb" %}
    {% set node = kept_node(sql) %}
    {% if node.stands %}
        {% call statement("main", fetch_result=True) %}
            select 0 as failures, false as should_warn, false as should_error
        {% endcall %}
        {{ return({"relations": []}) }}
    {% endif %}
    {% set tested = looked_at_by_period(sql) %}
    {% set told = periods_unseen(tested, sql) if tested %}
    {% set result = {"relations": []} %}
    {% if tested and told.stays %}
        {% set period = tested.config.period %}
        {% set here = "(" ~ period ~ " in (" ~ literals(told.anew) ~ ") or " ~ period ~ " is null)" %}
        {% set of_these = modules.re.sub("(?s)/\* unseen \*/.*?/\* end \*/", here, sql) %}
        {% call statement("main", fetch_result=True) %}
            {{ get_test_sql(of_these, config.get("fail_calc"), config.get("warn_if"), config.get("error_if"), none) }}
        {% endcall %}
    {% else %}
        {% set result = dbt.materialization_test_default() %}
    {% endif %}
    {% if load_result("main").table.rows[0][0] == 0 %}
        {% for statement in (told.record if tested else []) %}{% do run_query(statement) %}{% endfor %}
        {% do remember(node.made_of, "passed", node.former) %}
    {% endif %}
    {{ return(result) }}
{% endmaterialization %}
