select distinct
    region_code,
    region_name,
    region_level,
    parent_code
from published_region
where period = $year
order by region_code
