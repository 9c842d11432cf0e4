-- Every region with itself and each region above it, under today's codes, as they stood in the last delivered year of
-- the code or of those that it succeeded.
with ancestry as (

    select
        ancestry.period,
        coalesce(own_.today_code, ancestry.region_code) as region_code,
        coalesce(above.today_code, ancestry.ancestor_code) as ancestor_code,
        coalesce(above.today_level, ancestry.ancestor_level) as ancestor_level
    from {{ ref('region_ancestor') }} as ancestry
    left join {{ ref('region_today') }} as own_
        on ancestry.region_code = own_.region_code
    left join {{ ref('region_today') }} as above
        on ancestry.ancestor_code = above.region_code

),

last_year as (

    select
        region_code,
        max(period) as period
    from ancestry
    group by region_code

)

select distinct
    ancestry.region_code,
    ancestry.ancestor_code,
    ancestry.ancestor_level
from ancestry
inner join last_year
    on ancestry.region_code = last_year.region_code and ancestry.period = last_year.period
