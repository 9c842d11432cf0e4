-- Departments' returns, as each region reports them: the measure of an item is named ar_<item_code>. A blank cell is
-- missing, 不适用 is not applicable; neither is zero.
select
    'ar_' || item_code as measure_key,
    region_code,
    period,
    {{ quantity('sum(value)') }} as value,
    {{ quantity('count(*) filter (where value is null and not is_not_applicable)') }} as missing_cells,
    bool_and(is_not_applicable) as is_not_applicable,
    false as is_estimated
from {{ ref('stg_agency_returns') }}
group by item_code, region_code, period
