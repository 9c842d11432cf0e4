-- The regions valid at the end of each delivered year, with that year's name and parent.
select
    years.period,
    regions.region_code,
    regions.region_name,
    regions.level,
    regions.parent_code,
    regions.county_kind,
    regions.town_kind,
    regions.gbt2260,
    regions.reports_separately
from {{ ref('stg_regions') }} as regions
inner join {{ ref('delivered_year') }} as years
    on
        regions.valid_from <= {{ year_end('years.period') }}
        and (regions.valid_to is null or regions.valid_to > {{ year_end('years.period') }})
