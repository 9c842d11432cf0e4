-- People by region of residence, as each region reports them; a band that does not start or end at the age asked for
-- gives no figure. Under-3s: single ages, else uniform within the band and marked estimated (spec §3).
{% set resident = "basis = 'resident' and is_reference" %}
{% set under3 = resident ~ " and age_from <= 2 and age_to is not null" %}

{{ reported_branches(ref('stg_population'), [
    {"key": "pop_total", "sum": "population", "where": resident, "aligned": "true",
     "estimated": "bool_or(is_estimated) filter (where " ~ resident ~ ")"},
    {"key": "pop_total_registered", "sum": "population", "where": "basis = 'registered' and is_reference",
     "aligned": "true", "estimated": "bool_or(is_estimated) filter (where basis = 'registered' and is_reference)"},
    {"key": "pop_0_14", "sum": "population", "where": resident ~ " and age_to <= 14",
     "aligned": "count(*) filter (where " ~ resident ~ " and age_to = 14) > 0"},
    {"key": "pop_60plus", "sum": "population", "where": resident ~ " and age_from >= 60",
     "aligned": "count(*) filter (where " ~ resident ~ " and age_from = 60) > 0"},
    {"key": "pop_65plus", "sum": "population", "where": resident ~ " and age_from >= 65",
     "aligned": "count(*) filter (where " ~ resident ~ " and age_from = 65) > 0"},
    {"key": "pop_80plus", "sum": "population", "where": resident ~ " and age_from >= 80",
     "aligned": "count(*) filter (where " ~ resident ~ " and age_from = 80) > 0"},
    {"key": "pop_under3", "where": under3, "aligned": "true",
     "sum": quantity("case when age_to <= 2 then population else population * (3.0 - age_from)"
            ~ " / (age_to - age_from + 1) end"),
     "estimated": "max(age_to) filter (where " ~ under3 ~ ") > 2"}
] + life_table_branches("pop_age", "population", resident)) }}
