-- Ratios, counts and amounts: numerator / denominator × multiplier, each summed over the region before dividing.
-- Where an expected unit is missing, partial_value speaks for the counties that have both.
with operands as (

    select
        cells.indicator_key,
        cells.variant,
        cells.region_code,
        cells.region_level,
        cells.period,
        cells.expected_counties,
        definitions.multiplier,
        definitions.denominator_measure is not null as is_ratio,
        numerator.value as numerator,
        denominator.value as denominator,
        numerator.observed_value as observed_numerator,
        denominator.observed_value as observed_denominator,
        coalesce(numerator.missing_cells, 0) + coalesce(denominator.missing_cells, 0) as missing_cells,
        -- a ratio uses only units that answer both questions (spec §8)
        definitions.denominator_measure is not null
        and coalesce(numerator.missing_cells, 0) + coalesce(denominator.missing_cells, 0) > 0
        and 'agency_returns' in (
            coalesce(numerator_registry.source, ''), coalesce(denominator_registry.source, '')
        ) as is_unmatched,
        coalesce(numerator.coverage_n, 0) as numerator_n,
        case
            when definitions.denominator_measure is null then coalesce(numerator.coverage_n, 0)
            else coalesce(denominator.coverage_n, 0)
        end as denominator_n,
        greatest(coalesce(numerator.coverage_m, 0), coalesce(denominator.coverage_m, 0)) as operand_m,
        coalesce(numerator.is_estimated, false) or coalesce(denominator.is_estimated, false) as is_estimated,
        coalesce(numerator.is_stale, false) or coalesce(denominator.is_stale, false) as is_stale,
        coalesce(numerator.is_not_applicable, false) or coalesce(denominator.is_not_applicable, false)
            as is_not_applicable
    from {{ ref('region_indicator') }} as cells
    inner join {{ ref('indicator_definition') }} as definitions
        on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
    left join {{ ref('measure_value') }} as numerator
        on
            definitions.numerator_measure = numerator.measure_key
            and cells.region_code = numerator.region_code
            and cells.period = numerator.period
    left join {{ ref('measure_value') }} as denominator
        on
            definitions.denominator_measure = denominator.measure_key
            and cells.region_code = denominator.region_code
            and cells.period = denominator.period
    left join {{ ref('measures') }} as numerator_registry
        on definitions.numerator_measure = numerator_registry.measure_key
    left join {{ ref('measures') }} as denominator_registry
        on definitions.denominator_measure = denominator_registry.measure_key
    where definitions.kind in ('ratio', 'count', 'amount')

),

answered as (

    select
        *,
        numerator is not null and (denominator is not null or not is_ratio) and not is_unmatched as is_answered
    from operands

),

counties as (

    -- the counties of each region that have delivered, and what they have answered in full
    select
        suppliers.region_code,
        suppliers.period,
        operands.indicator_key,
        operands.variant,
        sum(case when operands.is_answered then operands.numerator end) as numerator,
        sum(case when operands.is_answered then operands.denominator end) as denominator,
        count(*) as coverage_n
    from answered as operands
    inner join {{ ref('region_supplier') }} as suppliers
        on operands.region_code = suppliers.supplier_code and operands.period = suppliers.period
    where
        suppliers.born_level = 'county'
        and suppliers.region_code <> suppliers.supplier_code
        and operands.numerator_n > 0
        and operands.denominator_n > 0
    group by suppliers.region_code, suppliers.period, operands.indicator_key, operands.variant

)

select
    operands.indicator_key,
    operands.variant,
    operands.region_code,
    operands.period,
    case when not operands.is_unmatched then operands.numerator end as numerator,
    case when not operands.is_unmatched then operands.denominator end as denominator,
    case
        when operands.is_unmatched then null
        when operands.is_ratio
            then
                {{ ratio('operands.numerator') }} * operands.multiplier / nullif({{ ratio('operands.denominator') }}, 0)
        else {{ ratio('operands.numerator') }} * operands.multiplier
    end as value,
    {{ ratio('null') }} as extreme,
    case
        when operands.region_level in ('county', 'town', 'village') and operands.is_ratio
            then
                {{ ratio('operands.observed_numerator') }} * operands.multiplier
                / nullif({{ ratio('operands.observed_denominator') }}, 0)
        when operands.region_level in ('county', 'town', 'village')
            then {{ ratio('operands.observed_numerator') }} * operands.multiplier
        when operands.is_ratio
            then
                {{ ratio('counties.numerator') }} * operands.multiplier / nullif({{ ratio('counties.denominator') }}, 0)
        else {{ ratio('counties.numerator') }} * operands.multiplier
    end as partial_value,
    operands.is_answered as is_complete,
    operands.observed_numerator is not null
    and (operands.observed_denominator is not null or not operands.is_ratio) as is_observed,
    coalesce(counties.coverage_n, least(operands.numerator_n, operands.denominator_n)) as coverage_n,
    greatest(operands.operand_m, operands.expected_counties) as coverage_m,
    operands.missing_cells,
    operands.is_estimated,
    operands.is_stale,
    operands.is_not_applicable or coalesce(operands.is_ratio and operands.denominator = 0, false) as is_not_applicable,
    cast(null as varchar) as note
from answered as operands
left join counties
    on
        operands.region_code = counties.region_code
        and operands.period = counties.period
        and operands.indicator_key = counties.indicator_key
        and operands.variant = counties.variant
