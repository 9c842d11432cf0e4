-- Every indicator of every region and year, in every definition (design §5). Values are unrounded.
with judged as (

    select
        results.*,
        indicators.name_zh as indicator_name,
        regions.region_name,
        regions.level as region_level,
        -- outside the registry's range: withheld and reported (spec §3)
        results.is_out_of_range and {{ var('withhold_out_of_range', true) }} as is_withheld,
        coalesce(numerator_registry.counts_persons and results.numerator between 1 and 4, false)
        or coalesce(denominator_registry.counts_persons and results.denominator between 1 and 4, false)
            as is_small_count
    from {{ ref('indicator_result') }} as results
    inner join {{ ref('indicators') }} as indicators
        on results.indicator_key = indicators.indicator_key
    inner join {{ ref('region_year') }} as regions
        on results.region_code = regions.region_code and results.period = regions.period
    left join {{ ref('measures') }} as numerator_registry
        on results.numerator_measure = numerator_registry.measure_key
    left join {{ ref('measures') }} as denominator_registry
        on results.denominator_measure = denominator_registry.measure_key

)

select
    cast(region_code as string) as region_code,
    cast(period as string) as period,
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    cast(region_name as string) as region_name,
    cast(region_level as string) as region_level,
    cast(indicator_name as string) as indicator_name,
    cast(unit as string) as unit,
    {{ ratio('numerator') }} as numerator,
    {{ ratio('denominator') }} as denominator,
    case when not is_withheld then value end as value,
    case when not is_withheld then extreme end as extreme,
    case when not is_complete then partial_value end as partial_value,
    cast(coverage_n as integer) as coverage_n,
    cast(coverage_m as integer) as coverage_m,
    cast(missing_cells as integer) as missing_cells,
    case
        when is_withheld then 'O'
        when is_not_applicable then 'M'
        when not is_complete and is_observed then 'O'
        when not is_complete or value is null then 'L'
        when is_estimated then 'E'
        when is_stale then 'P'
        else 'A'
    end as obs_status,
    case when is_small_count then 'C' else 'F' end as conf_status,
    cast(case
        when is_withheld then 'withheld'
        when is_not_applicable then coalesce(note, '不适用')
        when not is_complete and is_observed
            then
                '报送不全：' || cast(cast(coverage_n as integer) as string) || '/'
                || cast(cast(coverage_m as integer) as string)
        when not is_complete or value is null then coalesce(note, '未报送')
        when missing_cells > 0 then '有 ' || cast(cast(missing_cells as integer) as string) || ' 个空白未计入'
        else note
    end as string) as note
from judged
order by indicator_key, variant, region_code, period
