-- What childcare facilities count: places and institutions, by town (托育机构名册).
{{ measure_branches(ref('stg_childcare_facilities'), [
    {"key": "childcare_places", "sum": "places",
     "where": "in_service"},
    {"key": "childcare_places_registered", "sum": "places",
     "where": "in_service and registered"},
    {"key": "childcare_inst", "count_rows": true,
     "where": "is_institution"},
    {"key": "childcare_inst_private", "count_rows": true,
     "where": "is_institution and ownership = 'private'"},
    {"key": "childcare_inst_public", "count_rows": true,
     "where": "is_institution and ownership = 'public'"},
    {"key": "demo_childcare_inst", "count_rows": true,
     "where": "is_institution and demo_level in ('prefecture','province','nation')"
       ~ " and (demo_recognised_on is null or demo_recognised_on <= as_of)"},
    {"key": "guidance_centres", "count_rows": true,
     "where": "in_service and facility_type = 'guidance_centre' and ownership = 'public'"},
    {"key": "guidance_centre_places", "sum": "places",
     "where": "in_service and facility_type = 'guidance_centre' and ownership = 'public'"},
    {"key": "comm_childcare_inst", "unit": "community_code", "count_rows": true,
     "where": "is_institution and community_code is not null"
       ~ " and community_type in ('urban_community','town_community')"},
    {"key": "comm_childcare_provider", "unit": "community_code", "count_rows": true,
     "where": "in_service and community_code is not null and community_type = 'urban_community'"},
    {"key": "comm_childcare_places", "unit": "community_code", "sum": "places",
     "where": "in_service and community_code is not null and community_type = 'urban_community'"},
    {"key": "communities_with_childcare", "distinct": "community_code",
     "where": "is_institution and community_type in ('urban_community','town_community')"},
    {"key": "towns_with_inclusive_childcare", "distinct": "town_code",
     "where": "in_service and inclusive and town_kind <> 'zone'"}
]) }}
