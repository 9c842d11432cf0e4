-- Housing projects and the facilities they owe, by town or county (住宅小区配建台账).
{{ measure_branches(ref('stg_residential_projects'), [
    {"key": "new_projects", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"
       ~ " and required_eldercare_area is not null"},
    {"key": "new_projects_ok", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end and sync_all"
       ~ " and eldercare_area >= required_eldercare_area"},
    {"key": "new_projects_both_known", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"
       ~ " and required_eldercare_area is not null and childcare_area_required is not null"},
    {"key": "new_projects_both_ok", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end and sync_all"
       ~ " and eldercare_area >= required_eldercare_area and childcare_area >= childcare_area_required"},
    {"key": "new_projects_cum", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= date '2021-01-01' and accepted_on <= year_end"
       ~ " and required_eldercare_area is not null"},
    {"key": "new_projects_cum_ok", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= date '2021-01-01' and accepted_on <= year_end"
       ~ " and sync_all and eldercare_area >= required_eldercare_area"},
    {"key": "proj_new_units", "unit": "project_id", "count_rows": true,
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_new_elder_area", "unit": "project_id", "sum": "eldercare_area",
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_new_households", "unit": "project_id", "sum": "households",
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_new_childcare_area", "unit": "project_id", "sum": "childcare_area",
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_new_places", "unit": "project_id", "sum": "childcare_places",
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_new_population", "unit": "project_id", "sum": "population_est",
     "where": "project_kind = 'new' and accepted_on >= year_start and accepted_on <= year_end"},
    {"key": "proj_old_units", "unit": "project_id", "count_rows": true,
     "where": "project_kind = 'existing'"},
    {"key": "proj_old_elder_area", "unit": "project_id", "sum": "eldercare_area",
     "where": "project_kind = 'existing'"},
    {"key": "proj_old_households", "unit": "project_id", "sum": "households",
     "where": "project_kind = 'existing'"},
    {"key": "proj_old_places", "unit": "project_id", "sum": "childcare_places",
     "where": "project_kind = 'existing'"},
    {"key": "proj_old_population", "unit": "project_id", "sum": "population_est",
     "where": "project_kind = 'existing'"}
]) }}
