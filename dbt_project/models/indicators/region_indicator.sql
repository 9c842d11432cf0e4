-- The cells to fill: indicator × variant × region × year, for the levels that the indicator is published at. A region
-- has a cell where a document that prints the indicator governs it, and elsewhere where its numerator was delivered;
-- below the county only where there is something to count.
with governed as (

    select distinct
        rows_.indicator_key,
        ancestry.region_code,
        ancestry.period
    from {{ ref('document_rows') }} as rows_
    inner join {{ ref('region_ancestor') }} as ancestry
        on rows_.scope_region = ancestry.ancestor_code
    where rows_.row_kind <> 'task' and ancestry.period >= '{{ var("first_year") }}'

),

delivered as (

    select
        measured.measure_key,
        measured.region_code,
        measured.period,
        regions.level in ('town', 'village') as is_below_county,
        coalesce(measured.observed_value <> 0, false) as is_counted
    from {{ ref('measure_value') }} as measured
    inner join {{ ref('region_year') }} as regions
        on measured.region_code = regions.region_code and measured.period = regions.period
    where measured.coverage_n > 0

),

cell as (

    select
        definitions.indicator_key,
        definitions.variant,
        governed.region_code,
        governed.period,
        true as is_governed,
        false as is_counted
    from {{ ref('indicator_definition') }} as definitions
    inner join governed
        on definitions.indicator_key = governed.indicator_key

    union all

    select
        definitions.indicator_key,
        definitions.variant,
        delivered.region_code,
        delivered.period,
        false as is_governed,
        not delivered.is_below_county as is_counted
    from {{ ref('indicator_definition') }} as definitions
    inner join delivered
        on definitions.numerator_measure = delivered.measure_key

    union all

    select
        definitions.indicator_key,
        definitions.variant,
        delivered.region_code,
        delivered.period,
        false as is_governed,
        true as is_counted
    from {{ ref('indicator_definition') }} as definitions
    inner join delivered
        on coalesce(definitions.denominator_measure, definitions.numerator_measure) = delivered.measure_key
    where delivered.is_below_county and delivered.is_counted

),

wanted as (

    select
        indicator_key,
        variant,
        region_code,
        period,
        bool_or(is_governed) as is_governed,
        bool_or(is_counted) as is_counted
    from cell
    group by indicator_key, variant, region_code, period

),

expected as (

    select
        region_code,
        period,
        count(*) as counties
    from {{ ref('region_supplier') }}
    where born_level = 'county'
    group by region_code, period

)

select
    wanted.indicator_key,
    wanted.variant,
    wanted.region_code,
    wanted.period,
    regions.level as region_level,
    wanted.is_governed,
    coalesce(expected.counties, 0) as expected_counties
from wanted
inner join {{ ref('indicators') }} as indicators
    on wanted.indicator_key = indicators.indicator_key
inner join {{ ref('region_year') }} as regions
    on wanted.region_code = regions.region_code and wanted.period = regions.period
left join expected
    on wanted.region_code = expected.region_code and wanted.period = expected.period
where
    '|' || indicators.region_levels || '|' like '%|' || regions.level || '|%'
    and (wanted.is_counted or (wanted.is_governed and regions.level not in ('town', 'village')))
