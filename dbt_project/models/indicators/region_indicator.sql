-- The cells to fill: indicator × variant × region × year, for the levels that the indicator is published at. A region
-- has a cell where a document governs it, and elsewhere where its numerator was delivered.
with governed as (

    select distinct
        ancestry.period,
        ancestry.region_code
    from {{ ref('documents') }} as documents
    inner join {{ ref('region_ancestor') }} as ancestry
        on documents.scope_region = ancestry.ancestor_code

),

expected as (

    select
        region_code,
        period,
        count(*) as counties
    from {{ ref('region_supplier') }}
    where born_level = 'county'
    group by region_code, period

),

delivered as (

    select
        period,
        region_code,
        measure_key
    from {{ ref('measure_value') }}
    where coverage_n > 0

)

select
    definitions.indicator_key,
    definitions.variant,
    regions.region_code,
    regions.period,
    regions.level as region_level,
    governed.region_code is not null as is_governed,
    coalesce(expected.counties, 0) as expected_counties
from {{ ref('indicator_definition') }} as definitions
inner join {{ ref('indicators') }} as indicators
    on definitions.indicator_key = indicators.indicator_key
inner join {{ ref('region_year') }} as regions
    on '|' || indicators.region_levels || '|' like '%|' || regions.level || '|%'
left join expected
    on regions.region_code = expected.region_code and regions.period = expected.period
left join governed
    on regions.region_code = governed.region_code and regions.period = governed.period
left join delivered
    on
        definitions.numerator_measure = delivered.measure_key
        and regions.region_code = delivered.region_code
        and regions.period = delivered.period
where governed.region_code is not null or delivered.region_code is not null
