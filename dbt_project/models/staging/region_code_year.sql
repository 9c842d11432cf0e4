-- Every code that was in force at some time of a year, and the code that stands for it at the year's end: itself, or
-- its successor as long as there is a single one (at most two changes within a year).
{{ config(materialized='table') }}
with in_force as (

    select
        years.period,
        regions.region_code,
        regions.successor_code
    from {{ ref('stg_regions') }} as regions
    inner join {{ ref('delivered_year') }} as years
        on
            regions.valid_from <= {{ year_end('years.period') }}
            and (regions.valid_to is null or regions.valid_to > {{ year_start('years.period') }})

)

select
    in_force.period,
    in_force.region_code as delivered_code,
    max(coalesce(own_.region_code, successor.region_code, second_.region_code)) as region_code
from in_force
left join {{ ref('region_year') }} as own_
    on in_force.region_code = own_.region_code and in_force.period = own_.period
left join {{ ref('region_year') }} as successor
    on in_force.successor_code = successor.region_code and in_force.period = successor.period
left join in_force as expired
    on in_force.successor_code = expired.region_code and in_force.period = expired.period
left join {{ ref('region_year') }} as second_
    on expired.successor_code = second_.region_code and expired.period = second_.period
group by in_force.period, in_force.region_code
