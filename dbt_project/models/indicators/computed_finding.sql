-- What the computation found and a reader should know (reason_codes.csv). Gaps of figures are reported where a document
-- governs; elsewhere only what was withheld.
with scope as (

    select distinct scope_region from {{ ref('documents') }}

),

figures as (

    select
        results.*,
        indicators.name_zh,
        cells.is_governed,
        scope.scope_region is not null as is_scope
    from {{ ref('indicator_result') }} as results
    inner join {{ ref('indicators') }} as indicators
        on results.indicator_key = indicators.indicator_key
    inner join {{ ref('region_indicator') }} as cells
        on
            results.indicator_key = cells.indicator_key
            and results.variant = cells.variant
            and results.region_code = cells.region_code
            and results.period = cells.period
    left join scope
        on results.region_code = scope.scope_region

)

select
    'withheld' as finding,
    indicator_key,
    region_code,
    period,
    name_zh || '（' || variant || '）算得 ' || cast({{ round_half_away('value', 6) }} as string) || ' ' || unit
    || '，超出有效范围，已扣留' as detail
from figures
where is_out_of_range

union all

select
    'incomplete' as finding,
    indicator_key,
    region_code,
    period,
    '应报 ' || cast(cast(coverage_m as integer) as string) || '，已报 '
    || cast(cast(coverage_n as integer) as string) as detail
from figures
where
    is_governed and variant = 'default' and not is_complete and not is_not_applicable and coverage_m > 0
    -- what nobody beneath a document's region delivered is told once, for that region
    and (coverage_n > 0 or is_scope)

union all

select
    'stale_period' as finding,
    indicator_key,
    region_code,
    period,
    '取自 12 月以前的月份，为初步数' as detail
from figures
where is_governed and variant = 'default' and is_stale

union all

select
    'estimated' as finding,
    indicator_key,
    region_code,
    period,
    coalesce(note, '含推算的人口数') as detail
from figures
where is_governed and variant = 'default' and is_estimated and value is not null

union all

select
    case when kind = 'threshold_share' then 'unknown_units' else 'missing_cells' end as finding,
    indicator_key,
    region_code,
    period,
    '有 ' || cast(cast(missing_cells as integer) as string) || ' 个空白未计入' as detail
from figures
where is_governed and variant = 'default' and missing_cells > 0

union all

select
    finding,
    null as indicator_key,
    region_code,
    period,
    detail
from {{ ref('register_finding') }}

union all

select
    finding,
    null as indicator_key,
    region_code,
    period,
    detail
from {{ ref('reported_finding') }}
