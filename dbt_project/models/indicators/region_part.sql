-- The ground of today's regions in each year: one row a region of the year, with the region of today that its figures
-- belong to. A code without a single successor keeps its own. Nobody twice: a part that lies within another part of the
-- same region, or a zone within its host's figures that was merged with others, is in their figures already.
with mapped as (

    select
        years.period,
        years.region_code as published_code,
        coalesce(today.today_code, years.region_code) as region_code,
        coalesce(today.today_name, years.region_name) as region_name,
        coalesce(today.today_level, years.level) as region_level,
        today.fate,
        today.split_into,
        coalesce(years.county_kind = 'zone' and not years.reports_separately, false) as is_within_host
    from {{ ref('region_year') }} as years
    inner join {{ ref('region_today') }} as today
        on years.region_code = today.region_code

),

merged as (

    select
        period,
        region_code,
        bool_and(is_within_host) as is_of_zones
    from mapped
    group by period, region_code
    having count(*) > 1

),

nested as (

    select distinct
        part.period,
        part.published_code
    from mapped as part
    inner join merged
        on part.period = merged.period and part.region_code = merged.region_code
    inner join {{ ref('region_ancestor') }} as ancestry
        on part.period = ancestry.period and part.published_code = ancestry.region_code and ancestry.depth > 0
    inner join mapped as whole
        on
            ancestry.period = whole.period
            and ancestry.ancestor_code = whole.published_code
            and part.region_code = whole.region_code

),

counted as (

    -- with all its columns: joined by period and code with itself and its sums, the planner of DuckDB may begin with
    -- all pairs of a period, which are billions in a nation
    select mapped.*
    from mapped
    left join merged
        on mapped.period = merged.period and mapped.region_code = merged.region_code
    left join nested
        on mapped.period = nested.period and mapped.published_code = nested.published_code
    where nested.published_code is null and not (mapped.is_within_host and coalesce(not merged.is_of_zones, false))

),

whole_region as (

    select
        period,
        region_code,
        count(*) as n_parts,
        {{ joined('published_code', ';') }} as published_codes
    from counted
    group by period, region_code

),

heir as (

    -- today's regions that got a part of one which was split: what they got cannot be told apart
    select distinct
        split.period,
        heirs.today_code as region_code,
        split.published_code
    from mapped as split
    inner join {{ ref('region_today') }} as heirs
        on ';' || split.split_into || ';' like '%;' || heirs.region_code || ';%'
    where split.fate = 'split' and heirs.today_code is not null

),

without_share as (

    select
        period,
        region_code,
        {{ joined('published_code', ';') }} as split_codes
    from heir
    group by period, region_code

)

select
    counted.period,
    counted.published_code,
    counted.region_code,
    counted.region_name,
    counted.region_level,
    counted.fate,
    counted.split_into,
    without_share.split_codes,
    whole_region.n_parts,
    whole_region.published_codes
from counted
inner join whole_region
    on counted.period = whole_region.period and counted.region_code = whole_region.region_code
left join without_share
    on counted.period = without_share.period and counted.region_code = without_share.region_code
