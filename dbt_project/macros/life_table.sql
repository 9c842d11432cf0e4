{# The abridged life table's age bands (spec §3): [first age, last age or none], 0, 1-4, 5-9 … 85+. #}
{% macro life_table_bands() %}
    {% set bands = [[0, 0], [1, 4]] %}
    {% for start in range(5, 85, 5) %}{% do bands.append([start, start + 4]) %}{% endfor %}
    {% do bands.append([85, none]) %}
    {{ return(bands) }}
{% endmacro %}

{# Branches of reported_branches that sum `column` within each band; NULL unless the rows fill the band exactly. #}
{% macro life_table_branches(prefix, column, where='true') %}
    {% set branches = [] %}
    {% for first, last in life_table_bands() %}
        {% set within = where ~ " and age_from >= " ~ first ~ (" and age_to <= " ~ last if last is not none else "") %}
        {% set filled = "min(age_from) filter (where " ~ within ~ ") = " ~ first ~ (
            " and max(age_to) filter (where " ~ within ~ ") = " ~ last if last is not none else "") %}
        {% do branches.append({
            "key": prefix ~ "_" ~ "%02d" % first, "sum": column, "where": within, "aligned": filled}) %}
    {% endfor %}
    {{ return(branches) }}
{% endmacro %}
