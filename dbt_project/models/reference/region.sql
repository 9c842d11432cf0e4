-- The region register as landed: one row a code and validity interval.
select
    region_code,
    region_name,
    level,
    parent_code,
    county_kind,
    town_kind,
    gbt2260,
    reports_separately,
    valid_from,
    valid_to,
    successor_code
from {{ ref('stg_regions') }}
order by region_code, valid_from
