-- The cells to fill: indicator × variant × region × year, for the levels that the indicator is published at. A region
-- has a cell where a document that prints the indicator governs it, and elsewhere where its numerator was delivered;
-- below the county only where there is something to count.
with levels as (

    select distinct level from {{ ref('region_year') }}

),

published as (

    select
        definitions.indicator_key,
        definitions.variant,
        definitions.numerator_measure,
        coalesce(definitions.denominator_measure, definitions.numerator_measure) as whole_measure,
        levels.level,
        levels.level in ('town', 'village') as is_below_county
    from {{ ref('indicator_definition') }} as definitions
    inner join {{ ref('indicators') }} as indicators
        on definitions.indicator_key = indicators.indicator_key
    inner join levels
        on '|' || indicators.region_levels || '|' like '%|' || levels.level || '|%'

),

governed as (

    select distinct
        rows_.indicator_key,
        ancestry.region_code,
        ancestry.period
    from {{ ref('document_rows') }} as rows_
    inner join {{ ref('region_ancestor') }} as ancestry
        on rows_.scope_region = ancestry.ancestor_code
    where rows_.row_kind <> 'task' and ancestry.period >= '{{ var("first_year") }}'

),

counted as (

    select
        measured.measure_key,
        measured.region_code,
        measured.period,
        measured.observed_value,
        regions.level
    from {{ ref('measure_value') }} as measured
    inner join {{ ref('region_year') }} as regions
        on measured.region_code = regions.region_code and measured.period = regions.period
    where measured.coverage_n > 0

),

governed_cell as (

    select
        published.indicator_key,
        published.variant,
        governed.region_code,
        governed.period
    from governed
    inner join {{ ref('region_year') }} as regions
        on governed.region_code = regions.region_code and governed.period = regions.period
    inner join published
        on
            governed.indicator_key = published.indicator_key
            and regions.level = published.level
            and not published.is_below_county

),

counted_cell as (

    select
        published.indicator_key,
        published.variant,
        counted.region_code,
        counted.period
    from published
    inner join counted
        on
            case when published.is_below_county then published.whole_measure else published.numerator_measure end
            = counted.measure_key
            and published.level = counted.level
    where not published.is_below_county or counted.observed_value <> 0

),

-- nothing is grouped here: either way a cell comes up once, and there are millions
wanted as (

    select
        indicator_key,
        variant,
        region_code,
        period,
        true as is_governed
    from governed_cell

    union all

    select
        counted_cell.indicator_key,
        counted_cell.variant,
        counted_cell.region_code,
        counted_cell.period,
        false as is_governed
    from counted_cell
    left join governed_cell
        on
            counted_cell.indicator_key = governed_cell.indicator_key
            and counted_cell.variant = governed_cell.variant
            and counted_cell.region_code = governed_cell.region_code
            and counted_cell.period = governed_cell.period
    where governed_cell.region_code is null

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
inner join {{ ref('region_year') }} as regions
    on wanted.region_code = regions.region_code and wanted.period = regions.period
left join expected
    on wanted.region_code = expected.region_code and wanted.period = expected.period
