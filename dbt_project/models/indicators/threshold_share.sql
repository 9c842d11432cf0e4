-- Threshold shares: units meeting the threshold / units with a known value × 100; extreme = the weakest unit (spec §3).
with unit_set as (

    -- the units that a denominator measure counts, at the regions themselves
    select
        measure_key,
        region_code,
        period
    from {{ ref('msr_regions') }}

),

judged as (

    select
        definitions.indicator_key,
        definitions.variant,
        definitions.multiplier,
        definitions.extreme,
        ancestry.ancestor_code as region_code,
        ancestry.period,
        units.unit_value,
        units.is_missing,
        units.is_not_applicable,
        case definitions.threshold_operator
            when '>=' then units.unit_value >= definitions.threshold_value
            when '>' then units.unit_value > definitions.threshold_value
            when '<=' then units.unit_value <= definitions.threshold_value
            when '<' then units.unit_value < definitions.threshold_value
            else units.unit_value = definitions.threshold_value
        end as is_met
    from {{ ref('indicator_definition') }} as definitions
    inner join unit_set
        on definitions.denominator_measure = unit_set.measure_key
    inner join {{ ref('threshold_unit') }} as units
        on
            definitions.threshold_unit_value = units.threshold_unit_value
            and unit_set.region_code = units.region_code
            and unit_set.period = units.period
    inner join {{ ref('region_ancestor') }} as ancestry
        on unit_set.region_code = ancestry.region_code and unit_set.period = ancestry.period
    where definitions.kind = 'threshold_share'

),

share as (

    select
        indicator_key,
        variant,
        region_code,
        period,
        max(multiplier) as multiplier,
        count(*) filter (where is_met) as n_met,
        count(*) filter (where unit_value is not null) as n_known,
        count(*) filter (where is_missing) as n_missing,
        count(*) filter (where is_not_applicable) as n_not_applicable,
        count(*) as n_units,
        case when max(extreme) = 'max' then max(unit_value) else min(unit_value) end as extreme
    from judged
    group by indicator_key, variant, region_code, period

)

select
    cells.indicator_key,
    cells.variant,
    cells.region_code,
    cells.period,
    {{ quantity('case when share.n_missing = 0 then share.n_met end') }} as numerator,
    {{ quantity('case when share.n_missing = 0 then share.n_known end') }} as denominator,
    case
        when share.n_missing = 0
            then {{ ratio('share.n_met') }} * share.multiplier / nullif({{ ratio('share.n_known') }}, 0)
    end as value,
    case when share.n_missing = 0 then share.extreme end as extreme,
    {{ ratio('share.n_met') }} * share.multiplier / nullif({{ ratio('share.n_known') }}, 0) as partial_value,
    coalesce(share.n_missing = 0, false) as is_complete,
    coalesce(share.n_units > share.n_missing, false) as is_observed,
    coalesce(share.n_units - share.n_missing, 0) as coverage_n,
    coalesce(share.n_units, cells.expected_counties) as coverage_m,
    coalesce(share.n_units - share.n_known - share.n_missing - share.n_not_applicable, 0) as missing_cells,
    false as is_estimated,
    false as is_stale,
    coalesce(share.n_not_applicable = share.n_units, share.n_units is null) as is_not_applicable,
    cast(null as varchar) as note
from {{ ref('region_indicator') }} as cells
inner join {{ ref('indicator_definition') }} as definitions
    on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
left join share
    on
        cells.indicator_key = share.indicator_key
        and cells.variant = share.variant
        and cells.region_code = share.region_code
        and cells.period = share.period
where definitions.kind = 'threshold_share'
