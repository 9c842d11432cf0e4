-- Ratios, counts and amounts: numerator / denominator × multiplier, each summed over the region before dividing.
-- Where an expected unit is missing, partial_value speaks for the counties that have both; where one said 不适用, the
-- ratio is that of the others.
{{ config(by_year=true) }}
with addend_value as (

    -- few indicators have one
    select measured.*
    from {{ ref('measure_value') }} as measured
    where
        measured.measure_key in (
            select definitions.numerator_addend from {{ ref('indicator_definition') }} as definitions
        )

),

operands as (

    select
        cells.indicator_key,
        cells.variant,
        cells.region_code,
        cells.region_level,
        cells.period,
        cells.expected_counties,
        definitions.multiplier,
        definitions.denominator_measure is not null as is_ratio,
        case
            when definitions.numerator_addend is null then numerator.value else numerator.value + addend.value
        end as numerator,
        denominator.value as denominator,
        case
            when definitions.numerator_addend is null then numerator.observed_value
            else numerator.observed_value + coalesce(addend.observed_value, 0)
        end as observed_numerator,
        -- funds are each government's own: no sum over counties speaks for them
        coalesce(numerator_registry.source = 'fund_ledger', false) as is_of_governments,
        denominator.observed_value as observed_denominator,
        coalesce(numerator.missing_cells, 0) + coalesce(denominator.missing_cells, 0) as missing_cells,
        -- a ratio uses only units that answer both questions (spec §8)
        definitions.denominator_measure is not null
        and coalesce(numerator.missing_cells, 0) + coalesce(denominator.missing_cells, 0) > 0
        and 'agency_returns' in (
            coalesce(numerator_registry.source, ''), coalesce(denominator_registry.source, '')
        ) as is_unmatched,
        coalesce(numerator.coverage_n, 0) + coalesce(addend.coverage_n, 0) as numerator_n,
        case
            when definitions.denominator_measure is null
                then coalesce(numerator.coverage_n, 0) + coalesce(addend.coverage_n, 0)
            else coalesce(denominator.coverage_n, 0)
        end as denominator_n,
        greatest(
            coalesce(numerator.coverage_m, 0) + coalesce(addend.coverage_m, 0), coalesce(denominator.coverage_m, 0)
        ) as operand_m,
        coalesce(numerator.is_estimated, false) or coalesce(denominator.is_estimated, false) as is_estimated,
        coalesce(numerator.is_stale, false) or coalesce(denominator.is_stale, false) as is_stale,
        coalesce(numerator.is_not_applicable, false) or coalesce(denominator.is_not_applicable, false)
            as is_not_applicable,
        -- some unit said 不适用: it stays out of both sides
        definitions.denominator_measure is not null
        and coalesce(numerator.not_applicable_units, 0) + coalesce(denominator.not_applicable_units, 0) > 0
            as is_excusing
    from {{ ref('region_indicator') }} as cells
    inner join {{ ref('indicator_definition') }} as definitions
        on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
    left join {{ ref('measure_value') }} as numerator
        on
            definitions.numerator_measure = numerator.measure_key
            and cells.region_code = numerator.region_code
            and cells.period = numerator.period
    left join addend_value as addend
        on
            definitions.numerator_addend = addend.measure_key
            and cells.region_code = addend.region_code
            and cells.period = addend.period
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

whole as (

    -- a town waits for its county, but its figures are its own
    select distinct
        region_code,
        period
    from answered
    where region_level not in ('town', 'village')

),

counties as (

    -- the counties of each region: how many delivered, were excused, answered in full, and what they answered
    select
        suppliers.region_code,
        suppliers.period,
        county.indicator_key,
        county.variant,
        sum(case when county.is_answered then county.numerator end) as numerator,
        sum(case when county.is_answered then county.denominator end) as denominator,
        count(case when county.numerator_n > 0 and county.denominator_n > 0 then 1 end) as delivered_n,
        count(case when county.is_answered or county.is_not_applicable then 1 end) as settled_n
    from answered as county
    inner join {{ ref('region_supplier') }} as suppliers
        on county.region_code = suppliers.supplier_code and county.period = suppliers.period
    inner join whole
        on suppliers.region_code = whole.region_code and suppliers.period = whole.period
    where suppliers.born_level = 'county' and county.region_level = 'county'
    group by suppliers.region_code, suppliers.period, county.indicator_key, county.variant

),

settled as (

    select
        answered.*,
        counties.numerator as counties_numerator,
        counties.denominator as counties_denominator,
        counties.delivered_n,
        answered.region_level in ('county', 'town', 'village') or answered.is_of_governments as is_unit,
        case when answered.is_excusing then counties.numerator else answered.numerator end as settled_numerator,
        case when answered.is_excusing then counties.denominator else answered.denominator end as settled_denominator,
        case
            when answered.is_excusing
                then
                    coalesce(counties.settled_n >= answered.expected_counties, false)
                    and counties.numerator is not null
            else answered.is_answered
        end as is_complete
    from answered
    left join counties
        on
            answered.region_code = counties.region_code
            and answered.period = counties.period
            and answered.indicator_key = counties.indicator_key
            and answered.variant = counties.variant

),

told as (

    select
        *,
        case when not is_unmatched then settled_numerator end as told_numerator,
        case when not is_unmatched then settled_denominator end as told_denominator,
        case when is_unit then observed_numerator else counties_numerator end as partial_numerator,
        case when is_unit then observed_denominator else counties_denominator end as partial_denominator
    from settled

)

select
    indicator_key,
    variant,
    region_code,
    period,
    told_numerator as numerator,
    told_denominator as denominator,
    case
        when not is_complete then null
        when is_ratio then {{ ratio('told_numerator') }} * multiplier / nullif({{ ratio('told_denominator') }}, 0)
        else {{ ratio('told_numerator') }} * multiplier
    end as value,
    {{ ratio('null') }} as extreme,
    case
        when is_ratio then {{ ratio('partial_numerator') }} * multiplier / nullif({{ ratio('partial_denominator') }}, 0)
        else {{ ratio('partial_numerator') }} * multiplier
    end as partial_value,
    is_complete,
    observed_numerator is not null and (observed_denominator is not null or not is_ratio) as is_observed,
    case
        when is_complete or is_unit then least(numerator_n, denominator_n)
        else coalesce(delivered_n, 0)
    end as coverage_n,
    greatest(operand_m, expected_counties) as coverage_m,
    missing_cells,
    is_estimated,
    is_stale,
    is_not_applicable or coalesce(is_ratio and is_complete and told_denominator = 0, false) as is_not_applicable,
    cast(null as string) as note
from told
