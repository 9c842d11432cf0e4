-- Region × year × measure: the counted quantities of every region level. value is NULL unless every expected unit
-- delivered; observed_value is the sum over those that did.
with counted as (

    select * from {{ ref('register_value') }}
    union all
    select * from {{ ref('reported_value') }}
    union all
    select * from {{ ref('government_value') }}
    union all
    -- a milestone is told by the region itself
    select
        measure_key,
        region_code,
        period,
        value as observed_value,
        {{ quantity('0') }} as missing_cells,
        1 as coverage_n,
        1 as coverage_m,
        false as is_estimated,
        false as is_stale,
        false as is_not_applicable,
        0 as not_applicable_units
    from {{ ref('msr_task_ledger') }}

)

select
    measure_key,
    region_code,
    period,
    observed_value,
    missing_cells,
    coverage_n,
    coverage_m,
    is_estimated,
    is_stale,
    is_not_applicable,
    not_applicable_units,
    case when coverage_n >= coverage_m then observed_value end as value
from counted
