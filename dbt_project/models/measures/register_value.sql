-- Measures counted from registers, at every region level: the sum over all rows in the region; no row in a covered
-- region is zero. observed_value speaks for the covered counties only (coverage_n of coverage_m).
{{ config(by_year=true) }}
{% set additive = [
    'elderly_facilities', 'childcare_facilities', 'communities', 'residential_projects', 'construction_projects', 'regions'
] %}
{% set counted_everywhere = ['assistance_roster', 'care_contacts'] %}

with town_measure as (

    select distinct measures.measure_key
    from {{ ref('measures') }} as measures
    inner join {{ ref('indicator_definition') }} as definitions
        on measures.measure_key in (definitions.numerator_measure, definitions.denominator_measure)
    inner join {{ ref('indicators') }} as indicators
        on definitions.indicator_key = indicators.indicator_key
    where '|' || indicators.region_levels || '|' like '%|town|%' or definitions.threshold_unit = 'street'

),

listed as (

    -- below the county only what is published or judged there
    select
        measures.measure_key,
        measures.source,
        measures.annual_rule,
        town_measure.measure_key is not null as is_of_towns
    from {{ ref('measures') }} as measures
    left join town_measure
        on measures.measure_key = town_measure.measure_key

),

{% for source in additive %}
-- units added up where they stand before any region above takes them
{{ source }}_here as (

    select
        measure_key,
        region_code,
        period,
        sum(value) as value,
        sum(missing_cells) as missing_cells,
        bool_or(is_estimated) as is_estimated
    from {{ ref('msr_' ~ source) }}
    group by measure_key, region_code, period

),

{% endfor %}
counted as (

    {% for source in additive %}
    select
        base.measure_key,
        ancestry.ancestor_code as region_code,
        base.period,
        {{ quantity('sum(base.value)') }} as value,
        {{ quantity('sum(base.missing_cells)') }} as missing_cells,
        bool_or(base.is_estimated) as is_estimated
    from {{ source }}_here as base
    inner join {{ ref('region_ancestor') }} as ancestry
        on base.region_code = ancestry.region_code and base.period = ancestry.period
    inner join listed
        on base.measure_key = listed.measure_key
    where ancestry.ancestor_level not in ('town', 'village') or listed.is_of_towns
    group by base.measure_key, ancestry.ancestor_code, base.period
    union all
    {% endfor %}
    {% for source in counted_everywhere %}
    select
        measure_key,
        region_code,
        period,
        value,
        missing_cells,
        is_estimated
    from {{ ref('msr_' ~ source) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

coverage as (

    select
        registers.source,
        registers.annual_rule,
        suppliers.region_code,
        suppliers.period,
        -- a flow summed over months is complete with all twelve
        count(*) filter (
            where
            registers.source = 'regions'
            or (delivered.n_periods is not null and (registers.annual_rule <> 'sum' or delivered.n_periods = 12))
        ) as coverage_n,
        count(*) as coverage_m,
        count(case when registers.source = 'regions' or delivered.county_code is not null then 1 end) as delivering,
        coalesce(bool_or(delivered.is_stale and registers.annual_rule = 'last'), false) as is_stale
    from (select distinct
        source,
        annual_rule
    from {{ ref('measures') }}) as registers
    cross join {{ ref('region_supplier') }} as suppliers
    left join {{ ref('county_delivery') }} as delivered
        on
            registers.source = delivered.source
            and suppliers.supplier_code = delivered.county_code
            and suppliers.period = delivered.period
    where
        suppliers.born_level = 'county'
        and registers.source in (
            {% for source in additive + counted_everywhere -%}
            '{{ source }}'{{ "," if not loop.last }}
            {% endfor -%}
        )
    group by registers.source, registers.annual_rule, suppliers.region_code, suppliers.period

)

select
    listed.measure_key,
    coverage.region_code,
    coverage.period,
    -- a group of rows whose cells are all blank has no sum; no row at all is zero
    case when counted.measure_key is null then {{ quantity('0') }} else counted.value end as observed_value,
    coalesce(counted.missing_cells, {{ quantity('0') }}) as missing_cells,
    coverage.coverage_n,
    coverage.coverage_m,
    coalesce(counted.is_estimated, false) as is_estimated,
    coverage.is_stale,
    false as is_not_applicable,
    0 as not_applicable_units
from coverage
inner join {{ ref('region_year') }} as regions
    on coverage.region_code = regions.region_code and coverage.period = regions.period
inner join listed
    on
        coverage.source = listed.source
        and coverage.annual_rule = listed.annual_rule
        and (regions.level not in ('town', 'village') or listed.is_of_towns)
left join counted
    on
        listed.measure_key = counted.measure_key
        and coverage.region_code = counted.region_code
        and coverage.period = counted.period
-- a county with months missing is not covered, but what it delivered is seen
where coverage.delivering > 0
