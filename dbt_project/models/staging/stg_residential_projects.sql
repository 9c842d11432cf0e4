-- Housing projects of the year's register, with the area they owe: the planning condition, else the norm of the nearest
-- region above that has one (norms.csv); without either the area is unknown (finding no_norm).
with source as (

    select
        *,
        delivery_period as period
    from {{ source('landing', 'residential_projects') }}

),

norm as (

    select
        projects.period,
        projects.project_id,
        projects.delivery_supplier,
        norms.norm,
        norms.value,
        row_number() over (
            partition by projects.period, projects.project_id, norms.norm
            order by ancestry.depth asc
        ) as nearness
    from source as projects
    inner join {{ ref('region_ancestor') }} as ancestry
        on projects.county_code = ancestry.region_code and projects.period = ancestry.period
    inner join {{ ref('norms') }} as norms
        on ancestry.ancestor_code = norms.region_code

),

national_household as (

    -- "used everywhere in the absence of another norm" (norms.csv)
    select max(value) as persons from {{ ref('norms') }}
    where norm = 'persons_per_household'

)

select
    projects.*,
    coalesce(projects.town_code, projects.county_code) as region_code,
    projects.sync_planned and projects.sync_built and projects.sync_accepted and projects.sync_delivered as sync_all,
    coalesce(
        projects.eldercare_area_required,
        {{ quantity('projects.households * area_norm.value / 100') }}
    ) as required_eldercare_area,
    coalesce(
        projects.population, projects.households * coalesce(household_norm.value, national_household.persons)
    ) as population_est,
    {{ year_start('projects.period') }} as year_start,
    {{ year_end('projects.period') }} as year_end
from source as projects
cross join national_household
left join norm as area_norm
    on
        projects.period = area_norm.period
        and projects.project_id = area_norm.project_id
        and area_norm.nearness = 1
        and area_norm.norm = 'eldercare_area_per_100hh_' || projects.project_kind
left join norm as household_norm
    on
        projects.period = household_norm.period
        and projects.project_id = household_norm.project_id
        and household_norm.nearness = 1
        and household_norm.norm = 'persons_per_household'
