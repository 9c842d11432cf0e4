-- What the single units of the registers are called, by year.
select
    unit_code,
    period,
    max(unit_name) as unit_name
from (
    select
        community_code as unit_code,
        period,
        community_name as unit_name
    from {{ ref('stg_communities') }}
    union all
    select
        project_id as unit_code,
        period,
        project_name as unit_name
    from {{ ref('stg_residential_projects') }}
    union all
    select
        facility_id as unit_code,
        period,
        facility_name as unit_name
    from {{ ref('stg_elderly_facilities') }}
) as named
group by unit_code, period
