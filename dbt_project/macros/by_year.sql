{#
  Tables each of whose rows is of a year (`period`, never NULL) and made of that year's rows alone say so: by_year=true in
  their configuration. Where regions are many they are made some years at a time, so that memory, and what spills,
  follows these years and not all that were ever delivered. They stand below region_year.
#}

{# The last year of each statement but the last one: together its years have so many rows of the register of regions.
   None where one statement does it; a nation's regions are some 50,000 a year. #}
{% macro last_years(rows_at_once=200000) %}
    {% set noted, lasts, rows = noted_in_this_run(), [], [] %}
    {% if "last years" in noted %}{{ return(noted["last years"]) }}{% endif %}
    {% set node = graph.nodes["model." ~ project_name ~ ".region_year"] %}
    {% set regions = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
    {% set years = run_query("select period, count(*) from " ~ regions ~ " group by period order by period").rows %}
    {% for year, count in years %}
        {% if rows and rows | sum + count > rows_at_once %}
            {% do lasts.append(years[loop.index0 - 1][0]) %}
            {% do rows.clear() %}
        {% endif %}
        {% do rows.append(count) %}
    {% endfor %}
    {% do noted.update({"last years": lasts}) %}
    {{ return(lasts) }}
{% endmacro %}


{# The statements that make such a table. The conditions leave out no year. #}
{% macro create_by_year(table, code) %}
    {% set lasts = last_years() %}
    {% if not lasts %}{{ return(create_table_as(False, table, code)) }}{% endif %}
    {% set statements = [] %}
    {% for last in lasts + [none] %}
        {% set years = [] %}
        {% if not loop.first %}{% do years.append("period > '" ~ lasts[loop.index0 - 1] ~ "'") %}{% endif %}
        {% if last is not none %}{% do years.append("period <= '" ~ last ~ "'") %}{% endif %}
        {% set made = "select * from (\n" ~ code ~ "\n) as made where " ~ years | join(" and ") %}
        {% do statements.append(create_table_as(False, table, made) if loop.first else "insert into " ~ table ~ " " ~ made) %}
    {% endfor %}
    {{ return(statements | join(";\n")) }}
{% endmacro %}
