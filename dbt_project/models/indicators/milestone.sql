-- Milestones: 1 when the region's own row is done by the year's end, else 0; without a row of its own, not delivered.
select
    cells.indicator_key,
    cells.variant,
    cells.region_code,
    cells.period,
    told.value as numerator,
    {{ quantity('null') }} as denominator,
    {{ ratio('told.value') }} as value,
    {{ ratio('null') }} as extreme,
    {{ ratio('null') }} as partial_value,
    told.value is not null as is_complete,
    false as is_observed,
    coalesce(told.coverage_n, 0) as coverage_n,
    1 as coverage_m,
    0 as missing_cells,
    false as is_estimated,
    false as is_stale,
    false as is_not_applicable,
    cast(null as string) as note
from {{ ref('region_indicator') }} as cells
inner join {{ ref('indicator_definition') }} as definitions
    on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
left join {{ ref('measure_value') }} as told
    on
        definitions.numerator_measure = told.measure_key
        and cells.region_code = told.region_code
        and cells.period = told.period
where definitions.kind = 'milestone'
