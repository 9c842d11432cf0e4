-- Gaps and ten-year changes: the difference of two shares, each rounded to two decimals before it is subtracted, as
-- communiqués print them (spec §3). A gap to the nation takes the bulletin's share first, since the yearbook's rows
-- leave out servicemen; a gap to the province its own rows first. A change takes the region's predecessors ten years
-- before.
with share as (

    select
        definitions.indicator_key,
        definitions.variant,
        whole.region_code,
        whole.period,
        part.value as part,
        whole.value as whole,
        whole.coverage_n,
        whole.coverage_m,
        part.is_estimated or whole.is_estimated as is_estimated
    from {{ ref('indicator_definition') }} as definitions
    inner join {{ ref('measure_value') }} as part
        on definitions.numerator_measure = part.measure_key
    inner join {{ ref('measure_value') }} as whole
        on
            definitions.denominator_measure = whole.measure_key
            and part.region_code = whole.region_code
            and part.period = whole.period
    where definitions.kind = 'difference' and part.value is not null and whole.value is not null

),

earlier as (

    -- the same ground ten years before: codes that have since become today's
    select
        share.indicator_key,
        share.variant,
        succession.region_code,
        succession.period,
        {{ ratio('sum(share.part)') }} as part,
        {{ ratio('sum(share.whole)') }} as whole
    from share
    inner join {{ ref('region_succession') }} as succession
        on
            share.region_code = succession.earlier_code
            and cast(share.period as integer) = cast(succession.period as integer) - 10
    group by share.indicator_key, share.variant, succession.region_code, succession.period

),

compared as (

    select
        cells.indicator_key,
        cells.variant,
        cells.region_code,
        cells.period,
        cells.expected_counties,
        definitions.compared_with,
        own_.part,
        own_.whole,
        own_.coverage_n,
        own_.coverage_m,
        own_.is_estimated,
        {{ round_half_away(ratio('own_.part') ~ ' * definitions.multiplier / nullif(own_.whole, 0)', 2) }} as own_share,
        {{ round_half_away(ratio('above_.part') ~ ' * definitions.multiplier / nullif(above_.whole, 0)', 2) }}
            as share_above,
        {{ round_half_away(ratio('earlier.part') ~ ' * definitions.multiplier / nullif(earlier.whole, 0)', 2) }}
            as share_before,
        {{ ratio('bulletin.value') }} as share_of_bulletin
    from {{ ref('region_indicator') }} as cells
    inner join {{ ref('indicator_definition') }} as definitions
        on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
    left join {{ ref('region_ancestor') }} as ancestry
        on
            cells.region_code = ancestry.region_code
            and cells.period = ancestry.period
            and definitions.compared_with = ancestry.ancestor_level
    left join share as own_
        on
            cells.indicator_key = own_.indicator_key
            and cells.variant = own_.variant
            and cells.region_code = own_.region_code
            and cells.period = own_.period
    left join share as above_
        on
            cells.indicator_key = above_.indicator_key
            and cells.variant = above_.variant
            and ancestry.ancestor_code = above_.region_code
            and cells.period = above_.period
    left join {{ ref('measure_value') }} as bulletin
        on
            definitions.bulletin_measure = bulletin.measure_key
            and ancestry.ancestor_code = bulletin.region_code
            and cells.period = bulletin.period
    left join earlier
        on
            cells.indicator_key = earlier.indicator_key
            and cells.variant = earlier.variant
            and cells.region_code = earlier.region_code
            and cells.period = earlier.period
    where definitions.kind = 'difference'

),

based as (

    select
        *,
        case compared_with
            when 'nation' then coalesce(share_of_bulletin, share_above)
            when 'province' then coalesce(share_above, share_of_bulletin)
            else share_before
        end as base_share
    from compared

)

select
    indicator_key,
    variant,
    region_code,
    period,
    {{ quantity('part') }} as numerator,
    {{ quantity('whole') }} as denominator,
    {{ ratio('cast(own_share as decimal(18, 2)) - cast(base_share as decimal(18, 2))') }} as value,
    {{ ratio('null') }} as extreme,
    {{ ratio('null') }} as partial_value,
    own_share is not null and base_share is not null as is_complete,
    false as is_observed,
    coalesce(coverage_n, 0) as coverage_n,
    greatest(coalesce(coverage_m, 0), expected_counties) as coverage_m,
    0 as missing_cells,
    coalesce(is_estimated, false) as is_estimated,
    false as is_stale,
    false as is_not_applicable,
    cast(case
        when own_share is null then null
        when base_share is null and compared_with = 'ten_years_before' then '缺十年前的数'
        when base_share is null then '缺上级的占比'
    end as string) as note
from based
