-- The figures of indicator_value under today's codes: as published where one region became one, added up where several
-- were merged since. A rate is sum over sum (spec §3); a part that is not applicable stays out of both sides; a part
-- without a figure (not delivered, incomplete, withheld) leaves only partial_value. Measures that do not add over
-- regions (persons counted once), shares of units, life tables, milestones and differences have no sum: their parts are
-- not counted anew. A region above is left as published, whatever moved in or out of it.
with definition as (

    select
        definitions.indicator_key,
        definitions.variant,
        definitions.multiplier,
        definitions.valid_min,
        definitions.valid_max,
        definitions.denominator_measure is not null as is_ratio,
        definitions.kind in ('ratio', 'count', 'amount')
        and coalesce(numerator.additive_over_regions, false)
        and (definitions.numerator_addend is null or coalesce(addend.additive_over_regions, false))
        and (definitions.denominator_measure is null or coalesce(denominator.additive_over_regions, false))
            as is_additive
    from {{ ref('indicator_definition') }} as definitions
    left join {{ ref('measures') }} as numerator
        on definitions.numerator_measure = numerator.measure_key
    left join {{ ref('measures') }} as addend
        on definitions.numerator_addend = addend.measure_key
    left join {{ ref('measures') }} as denominator
        on definitions.denominator_measure = denominator.measure_key

),

part_figure as (

    select
        parts.region_code,
        parts.region_name,
        parts.region_level,
        parts.published_codes,
        parts.split_codes,
        -- a town without a cell has nothing to count; elsewhere it has not delivered
        case when parts.region_level not in ('town', 'village') then parts.n_parts end as n_parts,
        published.period,
        published.indicator_key,
        published.variant,
        published.indicator_name,
        published.unit,
        published.numerator,
        published.denominator,
        published.coverage_n,
        published.coverage_m,
        published.missing_cells,
        published.obs_status,
        published.conf_status,
        definition.is_additive,
        definition.is_ratio,
        definition.multiplier,
        definition.valid_min,
        definition.valid_max,
        published.obs_status in ('A', 'E', 'P', 'M')
        and published.numerator is not null
        and (published.denominator is not null or not definition.is_ratio) as is_told
    from {{ ref('region_part') }} as parts
    inner join {{ ref('indicator_value') }} as published
        on parts.published_code = published.region_code and parts.period = published.period
    inner join definition
        on published.indicator_key = definition.indicator_key and published.variant = definition.variant
    where parts.n_parts > 1

),

added as (

    select
        region_code,
        period,
        indicator_key,
        variant,
        region_name,
        region_level,
        published_codes,
        split_codes,
        indicator_name,
        unit,
        is_additive,
        is_ratio,
        multiplier,
        valid_min,
        valid_max,
        coalesce(max(n_parts), count(*)) as n_parts,
        count(*) as n_cells,
        count(case when is_told then 1 end) as n_told,
        count(case when obs_status = 'M' and not is_told then 1 end) as n_excused,
        count(case when obs_status = 'M' then 1 end) as n_not_applicable,
        count(case when obs_status <> 'L' then 1 end) as n_delivered,
        sum(case when is_told then {{ quantity('numerator') }} end) as numerator,
        sum(case when is_told then {{ quantity('denominator') }} end) as denominator,
        sum(coverage_n) as coverage_n,
        sum(coverage_m) as coverage_m,
        sum(missing_cells) as missing_cells,
        bool_or(obs_status = 'E') as is_estimated,
        bool_or(obs_status = 'P') as is_stale,
        -- what was to be kept back of one part could be told from the sum
        bool_or(conf_status = 'C') as is_small_count
    from part_figure
    group by
        region_code, period, indicator_key, variant, region_name, region_level, published_codes, split_codes,
        indicator_name, unit, is_additive, is_ratio, multiplier, valid_min, valid_max

),

computed as (

    select
        *,
        is_additive and n_told + n_excused >= n_parts as is_complete,
        n_not_applicable >= n_parts or coalesce(
            is_additive and is_ratio and n_told + n_excused >= n_parts and denominator = 0, false
        ) as is_not_applicable,
        case
            when not is_additive then null
            when is_ratio then {{ ratio('numerator') }} * multiplier / nullif({{ ratio('denominator') }}, 0)
            else {{ ratio('numerator') }} * multiplier
        end as told_value
    from added

),

judged as (

    select
        *,
        coalesce(is_complete and (told_value < valid_min or told_value > valid_max), false) as is_withheld
    from computed

),

carried as (

    select
        parts.region_code,
        published.period,
        published.indicator_key,
        published.variant,
        parts.region_name,
        parts.region_level,
        published.indicator_name,
        published.unit,
        published.numerator,
        published.denominator,
        published.value,
        published.extreme,
        published.partial_value,
        published.coverage_n,
        published.coverage_m,
        published.missing_cells,
        published.obs_status,
        published.conf_status,
        published.note,
        parts.published_code,
        parts.fate,
        parts.split_into,
        parts.split_codes
    from {{ ref('region_part') }} as parts
    inner join {{ ref('indicator_value') }} as published
        on parts.published_code = published.region_code and parts.period = published.period
    where parts.n_parts = 1

),

told as (

    select
        region_code,
        period,
        indicator_key,
        variant,
        region_name,
        region_level,
        indicator_name,
        unit,
        numerator,
        denominator,
        value,
        extreme,
        partial_value,
        coverage_n,
        coverage_m,
        missing_cells,
        obs_status,
        conf_status,
        case
            when fate = 'split' then '该代码后来拆分为 ' || split_into || '，没有单一后继，仍用当年代码'
            when fate = 'ended' then '该代码已撤销，名录未载后继，仍用当年代码'
        end as fate_note,
        split_codes,
        note,
        published_code as published_region_code
    from carried

    union all

    select
        region_code,
        period,
        indicator_key,
        variant,
        region_name,
        region_level,
        indicator_name,
        unit,
        case when is_complete then numerator end as numerator,
        case when is_complete then denominator end as denominator,
        case when is_complete and not is_withheld then told_value end as value,
        null as extreme,
        case when not is_complete then told_value end as partial_value,
        coverage_n,
        coverage_m + n_parts - n_cells as coverage_m,
        missing_cells,
        case
            when is_withheld then 'O'
            when is_not_applicable then 'M'
            when not is_complete and n_delivered > 0 then 'O'
            when not is_complete then 'L'
            when is_estimated then 'E'
            when is_stale then 'P'
            else 'A'
        end as obs_status,
        case when is_small_count then 'C' else 'F' end as conf_status,
        '由 ' || cast(n_parts as string) || ' 个地区合并' as fate_note,
        split_codes,
        case
            when is_withheld then 'withheld'
            when is_not_applicable then '不适用'
            when not is_complete and n_delivered = 0 then '未报送'
            when not is_additive then '此类指标不能由合并前的数相加'
            when not is_complete then '其中 ' || cast(n_told + n_excused as string) || ' 个有数'
            when missing_cells > 0 then '有 ' || cast(cast(missing_cells as integer) as string) || ' 个空白未计入'
        end as note,
        published_codes as published_region_code
    from judged

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
    {{ ratio('value') }} as value,
    {{ ratio('extreme') }} as extreme,
    {{ ratio('partial_value') }} as partial_value,
    cast(coverage_n as integer) as coverage_n,
    cast(coverage_m as integer) as coverage_m,
    cast(missing_cells as integer) as missing_cells,
    cast(obs_status as string) as obs_status,
    cast(conf_status as string) as conf_status,
    cast(nullif(concat_ws(
        '；',
        note,
        fate_note,
        case when split_codes is not null then '未含 ' || split_codes || ' 拆分划入的部分' end
    ), '') as string) as note,
    cast(published_region_code as string) as published_region_code
from told
order by indicator_key, variant, region_code, period
