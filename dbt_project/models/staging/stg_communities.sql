-- Communities and villages of the year.
with source as (

    select * from {{ source('landing', 'communities') }}

)

select
    community_code,
    community_name,
    town_code,
    county_code,
    town_code as region_code,
    delivery_period as period,
    community_type,
    households,
    population,
    elderly_60,
    disabled_elders,
    disabled_elders_supported,
    eldercare_places,
    visiting_officers,
    has_daycare,
    has_home_service,
    has_home_institution,
    svc_meal,
    svc_cleaning,
    svc_bathing,
    svc_mobility,
    has_emergency_rescue,
    has_visit_system,
    three_society_linkage,
    facility_compliant,
    rural_mutual_demo,
    home_visit_demo,
    age_friendly_demo,
    not_applicable,
    delivery_path,
    delivery_row
from source
