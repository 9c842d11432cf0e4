-- Region × year × measure: the sum over all counties in the region.
select
    measured.measure_key,
    ancestor.ancestor_code as region_code,
    measured.period,
    sum(measured.value) as value
from {{ ref('measure') }} as measured
inner join {{ ref('ancestor') }} as ancestor
    on measured.county_code = ancestor.region_code
group by measured.measure_key, ancestor.ancestor_code, measured.period
