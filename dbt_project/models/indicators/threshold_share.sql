-- Threshold shares: units meeting the threshold / units with a known value × 100; extreme = the weakest unit (spec §3).
-- Complete when the units themselves were listed by every expected supplier and each was told what the formula asks.
with judged as (

    select
        definitions.indicator_key,
        definitions.variant,
        definitions.multiplier,
        definitions.extreme,
        definitions.threshold_operator,
        definitions.threshold_value,
        ancestry.ancestor_code as region_code,
        ancestry.period,
        units.unit_value,
        units.is_missing,
        units.is_not_applicable
    from {{ ref('indicator_definition') }} as definitions
    inner join {{ ref('threshold_unit') }} as units
        on
            definitions.threshold_unit_value = units.threshold_unit_value
            and definitions.denominator_measure = units.units_measure
    inner join {{ ref('region_ancestor') }} as ancestry
        on units.region_code = ancestry.region_code and units.period = ancestry.period
    where definitions.kind = 'threshold_share'

),

share as (

    select
        indicator_key,
        variant,
        region_code,
        period,
        max(multiplier) as multiplier,
        count(*) filter (where {{ is_met('threshold_operator', 'unit_value', 'threshold_value') }}) as n_met,
        count(*) filter (where unit_value is not null) as n_known,
        count(*) filter (where is_missing) as n_missing,
        count(*) filter (where is_not_applicable) as n_not_applicable,
        count(*) as n_units,
        case when max(extreme) = 'max' then max(unit_value) else min(unit_value) end as extreme
    from judged
    group by indicator_key, variant, region_code, period

),

told as (

    select
        cells.indicator_key,
        cells.variant,
        cells.region_code,
        cells.period,
        cells.expected_counties,
        share.multiplier,
        share.n_met,
        share.n_known,
        share.n_missing,
        share.n_not_applicable,
        share.n_units,
        share.extreme,
        coalesce(
            listed.value is not null and coalesce(share.n_missing, 0) = 0 and coalesce(share.n_known, 0) > 0, false
        ) as is_complete,
        coalesce(listed.value = 0, false) as is_without_units,
        -- counties that delivered both the list of units and what is asked of them
        coalesce(least(listed.coverage_n, asked.coverage_n), 0) as listed_n,
        coalesce(listed.coverage_m, cells.expected_counties) as listed_m,
        registry.source = 'regions' as is_of_regions
    from {{ ref('region_indicator') }} as cells
    inner join {{ ref('indicator_definition') }} as definitions
        on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
    left join {{ ref('measures') }} as registry
        on definitions.denominator_measure = registry.measure_key
    left join {{ ref('measure_value') }} as listed
        on
            definitions.denominator_measure = listed.measure_key
            and cells.region_code = listed.region_code
            and cells.period = listed.period
    left join {{ ref('measure_value') }} as asked
        on
            definitions.numerator_measure = asked.measure_key
            and cells.region_code = asked.region_code
            and cells.period = asked.period
    left join share
        on
            cells.indicator_key = share.indicator_key
            and cells.variant = share.variant
            and cells.region_code = share.region_code
            and cells.period = share.period
    where definitions.kind = 'threshold_share'

)

select
    indicator_key,
    variant,
    region_code,
    period,
    {{ quantity('case when is_complete then n_met end') }} as numerator,
    {{ quantity('case when is_complete then n_known end') }} as denominator,
    case when is_complete then {{ ratio('n_met') }} * multiplier / nullif({{ ratio('n_known') }}, 0) end as value,
    case when is_complete then extreme end as extreme,
    {{ ratio('n_met') }} * multiplier / nullif({{ ratio('n_known') }}, 0) as partial_value,
    is_complete,
    coalesce(n_units > n_missing, false) as is_observed,
    case when is_of_regions then coalesce(n_units - n_missing, 0) else listed_n end as coverage_n,
    case when is_of_regions then coalesce(n_units, expected_counties) else listed_m end as coverage_m,
    coalesce(n_units - n_known - n_missing - n_not_applicable, 0) as missing_cells,
    false as is_estimated,
    false as is_stale,
    is_without_units or coalesce(n_not_applicable = n_units, false) as is_not_applicable,
    cast(null as string) as note
from told
