-- What the registers themselves leave open: facilities that vanished without closure, projects without a norm,
-- communities of unknown population.
select
    'vanished' as finding,
    county_code as region_code,
    {{ year_of('absent_from') }} as period,
    facility_id || ' 见于 ' || delivery_path || '，未注销而不见于 ' || absent_from as detail
from {{ ref('facility_vanished') }}

union all

select
    'no_norm' as finding,
    county_code as region_code,
    period,
    cast(count(*) as string) || ' 个当年验收的新建项目没有应配建面积，也没有定额，不计入达标率' as detail
from {{ ref('stg_residential_projects') }}
where
    project_kind = 'new'
    and accepted_on between year_start and year_end
    and required_eldercare_area is null
group by county_code, period

union all

select
    'population_unknown' as finding,
    county_code as region_code,
    period,
    cast(count(*) as string) || ' 个城市社区未填常住人口，不计入两万人以上社区' as detail
from {{ ref('stg_communities') }}
where community_type = 'urban_community' and population is null
group by county_code, period
