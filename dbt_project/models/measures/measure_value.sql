-- Region × year × measure: the counted quantities of every region level. value is NULL unless every expected unit
-- delivered; observed_value is the sum over those that did.
with counted as (

    select * from {{ ref('register_value') }}
    union all
    select * from {{ ref('reported_value') }}

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
