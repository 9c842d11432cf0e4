-- Every region with itself and each region above it, as they stood in the last year that the region existed.
with last_year as (

    select
        region_code,
        max(period) as period
    from {{ ref('region_ancestor') }}
    group by region_code

)

select
    ancestry.region_code,
    ancestry.ancestor_code,
    ancestry.ancestor_level
from {{ ref('region_ancestor') }} as ancestry
inner join last_year
    on ancestry.region_code = last_year.region_code and ancestry.period = last_year.period
