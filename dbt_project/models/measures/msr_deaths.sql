-- Deaths of the year by life-table band, as each region reports them.
{{ reported_branches(ref('stg_deaths'), [
    {"key": "deaths_by_age", "sum": "deaths", "where": "deaths >= 0", "aligned": "true"}
] + life_table_branches("deaths_age", "deaths")) }}
