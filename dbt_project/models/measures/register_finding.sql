-- What the registers themselves leave open: facilities that vanished without closure, projects without a norm,
-- communities of unknown population.
with facility_month as (

    {% for register in ['elderly_facilities', 'childcare_facilities'] %}
    select
        '{{ register }}' as source,
        facility_id,
        county_code,
        status,
        delivery_period,
        delivery_path
    from {{ source('landing', register) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

county_month as (

    select
        source,
        county_code,
        delivery_period,
        lead(delivery_period) over (partition by source, county_code order by delivery_period) as next_period
    from (
        select distinct
            source,
            county_code,
            delivery_period
        from facility_month
    ) as delivered

)

select
    'vanished' as finding,
    before_.county_code as region_code,
    {{ year_of('county_month.next_period') }} as period,
    before_.facility_id || ' 见于 ' || before_.delivery_path || '，未注销而不见于 ' || county_month.next_period as detail
from facility_month as before_
inner join county_month
    on
        before_.source = county_month.source
        and before_.county_code = county_month.county_code
        and before_.delivery_period = county_month.delivery_period
left join facility_month as after_
    on
        before_.source = after_.source
        and before_.facility_id = after_.facility_id
        and county_month.next_period = after_.delivery_period
where county_month.next_period is not null and before_.status <> 'closed' and after_.facility_id is null

union all

select
    'no_norm' as finding,
    county_code as region_code,
    period,
    cast(count(*) as varchar) || ' 个当年验收的新建项目没有应配建面积，也没有定额，不计入达标率' as detail
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
    cast(count(*) as varchar) || ' 个城市社区未填常住人口，不计入两万人以上社区' as detail
from {{ ref('stg_communities') }}
where community_type = 'urban_community' and population is null
group by county_code, period
