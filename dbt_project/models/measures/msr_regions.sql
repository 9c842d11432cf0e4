-- Regions counted as units: towns, counties, prefectures, at the region itself.
{{ measure_branches(ref('region_year'), [
    {"key": "n_towns", "count_rows": true,
     "where": "level = 'town' and town_kind in ('subdistrict', 'town', 'township', 'ethnic_township', 'sumu')"},
    {"key": "n_townships", "count_rows": true,
     "where": "level = 'town' and town_kind in ('town', 'township', 'ethnic_township', 'sumu')"},
    {"key": "n_streets", "count_rows": true, "where": "level = 'town' and town_kind = 'subdistrict'"},
    {"key": "n_counties", "count_rows": true,
     "where": "level = 'county' and (gbt2260 or (county_kind = 'zone' and reports_separately))"},
    {"key": "n_urban_districts", "count_rows": true, "where": "level = 'county' and county_kind = 'urban_district'"},
    {"key": "n_prefectures", "count_rows": true, "where": "level = 'prefecture'"},
    {"key": "n_prefectures_counties", "count_rows": true,
     "where": "level = 'prefecture' or (level = 'county'"
       ~ " and (gbt2260 or (county_kind = 'zone' and reports_separately)))"}
]) }}
