-- County × year × measure.
with homes as (

    select
        county_code,
        substr(delivery_period, 1, 4) as period,
        sum(beds) as inst_beds,
        sum(nursing_beds) as inst_nursing_beds,
        sum(case when inclusive then beds else 0 end) as inclusive_inst_beds,
        count(*) as inst_count,
        sum(case when star_grade <> 'none' then 1 else 0 end) as inst_star1plus
    from {{ ref('home') }}
    where delivery_period like '%-12'
    group by county_code, substr(delivery_period, 1, 4)

),

nurseries as (

    select
        county_code,
        period,
        sum(places) as childcare_places,
        sum(case when is_institution then 1 else 0 end) as childcare_inst,
        sum(case when is_institution and ownership = 'private' then 1 else 0 end) as childcare_inst_private
    from {{ ref('nursery') }}
    group by county_code, period

),

places as (

    select
        county_code,
        delivery_period as period,
        count(*) as comm_all,
        sum(case when has_home_service then 1 else 0 end) as comm_home_service,
        sum(case when has_visit_system then 1 else 0 end) as comm_visit_system,
        sum(case when community_type <> 'village' then 1 else 0 end) as comm_citytown,
        sum(case when community_type <> 'village' and has_daycare then 1 else 0 end) as comm_daycare
    from {{ source('landed', 'communities') }}
    group by county_code, delivery_period

),

people as (

    select
        region_code as county_code,
        delivery_period as period,
        sum(population) as pop_total,
        sum(case when age_from >= 60 then population else 0 end) as pop_60plus,
        sum(case when age_from >= 65 then population else 0 end) as pop_65plus
    from {{ source('landed', 'population') }}
    group by region_code, delivery_period

)

{% for relation, measures in [
    ('homes', ['inst_beds', 'inst_nursing_beds', 'inclusive_inst_beds', 'inst_count', 'inst_star1plus']),
    ('nurseries', ['childcare_places', 'childcare_inst', 'childcare_inst_private']),
    ('places', ['comm_all', 'comm_home_service', 'comm_visit_system', 'comm_citytown', 'comm_daycare']),
    ('people', ['pop_total', 'pop_60plus', 'pop_65plus'])] %}
{% set last = loop.last %}
{% for measure in measures %}
select
    '{{ measure }}' as measure_key,
    county_code,
    period,
    cast({{ measure }} as decimal(18, 0)) as value
from {{ relation }}
{{ "union all" if not (last and loop.last) }}
{% endfor %}
{% endfor %}
