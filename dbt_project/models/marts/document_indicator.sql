-- Every row of every document × year: the printed baseline and target, the actual figure by the document's own
-- definition, and how far it has come. Comparison is unrounded (spec §3).
{% set bounds = on_track_bounds() %}

with years as (

    select distinct period
    from {{ ref('region_year') }}
    where period >= '2020'

),

actual as (

    select
        rows_.document_key,
        rows_.table_key,
        rows_.row_no,
        rows_.label_zh,
        rows_.unit_printed,
        rows_.indicator_key,
        rows_.variant,
        rows_.scope_region,
        rows_.clause,
        rows_.attribute,
        rows_.responsible,
        case when rows_.baseline_year between '1900' and '2999' then cast(rows_.baseline_year as integer) end
            as baseline_year,
        rows_.baseline_operator,
        rows_.baseline_value,
        rows_.baseline_printed,
        case when rows_.target_year between '1900' and '2999' then cast(rows_.target_year as integer) end
            as target_year,
        rows_.target_operator,
        rows_.eval_operator,
        rows_.target_value,
        rows_.target_printed,
        notes.note_zh,
        notes.not_before,
        indicators.direction,
        years.period,
        cast(years.period as integer) as year_,
        -- a row that the document does not measure before a year has no figure for it
        case
            when years.period >= coalesce(notes.not_before, years.period)
                then
                    case rows_.compare_to
                        when 'extreme' then figures.extreme when 'none' then null else figures.value
                    end
        end as actual_value,
        rows_.compare_to,
        figures.obs_status,
        figures.note as figure_note
    from {{ ref('document_rows') }} as rows_
    cross join years
    left join {{ ref('indicators') }} as indicators
        on rows_.indicator_key = indicators.indicator_key
    left join {{ ref('indicator_value') }} as figures
        on
            rows_.indicator_key = figures.indicator_key
            and rows_.variant = figures.variant
            and rows_.scope_region = figures.region_code
            and years.period = figures.period
    left join {{ ref('document_notes') }} as notes
        on
            rows_.document_key = notes.document_key
            and rows_.table_key = notes.table_key
            and rows_.row_no = notes.row_no
    where rows_.row_kind <> 'task'

),

measured as (

    select
        *,
        {{ is_met('eval_operator', 'actual_value', 'target_value') }} as target_is_met,
        {{ is_met('eval_operator', 'baseline_value', 'target_value') }} as baseline_met_target,
        (actual_value - baseline_value) / nullif(target_value - baseline_value, 0) as achieved_share,
        {{ ratio('year_ - baseline_year') }} / nullif(target_year - baseline_year, 0) as elapsed_share
    from actual

),

followed as (

    select
        *,
        -- progress is told of dated targets with a distance to go
        target_year is not null
        and baseline_value is not null
        and not coalesce(baseline_met_target, false) as has_path,
        coalesce(baseline_met_target, false) or target_year is null as is_standing
    from measured

),

progressed as (

    select
        *,
        case when has_path then achieved_share / nullif(elapsed_share, 0) end as progress_linear,
        case
            when has_path and baseline_value > 0 and actual_value > 0 and target_value > 0 and year_ > baseline_year
                then
                    (power(actual_value / baseline_value, {{ ratio('1') }} / (year_ - baseline_year)) - 1)
                    / nullif(
                        power(target_value / baseline_value, {{ ratio('1') }} / (target_year - baseline_year)) - 1, 0
                    )
        end as progress_cagr,
        case
            when has_path and year_ > baseline_year
                then baseline_value + (actual_value - baseline_value) / nullif(elapsed_share, 0)
        end as progress_projection,
        case
            when has_path
                then
                    actual_value
                    - (baseline_value + (target_value - baseline_value) * least(elapsed_share, {{ ratio('1') }}))
        end as gap_to_path
    from followed

)

select
    cast(document_key as varchar) as document_key,
    cast(table_key as varchar) as table_key,
    cast(row_no as integer) as row_no,
    cast(label_zh as varchar) as label,
    cast(unit_printed as varchar) as unit,
    cast(indicator_key as varchar) as indicator_key,
    cast(variant as varchar) as variant,
    cast(scope_region as varchar) as region_code,
    cast(clause as varchar) as clause,
    cast(attribute as varchar) as attribute,
    cast(responsible as varchar) as responsible,
    baseline_year,
    cast(baseline_operator as varchar) as baseline_operator,
    {{ ratio('baseline_value') }} as baseline_value,
    cast(baseline_printed as varchar) as baseline_printed,
    target_year,
    cast(target_operator as varchar) as target_operator,
    {{ ratio('target_value') }} as target_value,
    cast(target_printed as varchar) as target_printed,
    cast(period as varchar) as period,
    {{ ratio('actual_value') }} as actual_value,
    {{ ratio('case when has_path then achieved_share end') }} as achieved_share,
    {{ ratio('case when has_path then elapsed_share end') }} as elapsed_share,
    {{ ratio('progress_linear') }} as progress_linear,
    {{ ratio('progress_cagr') }} as progress_cagr,
    {{ ratio('progress_projection') }} as progress_projection,
    {{ ratio('gap_to_path') }} as gap_to_path,
    {{ ratio("case when target_is_met then 0 else target_value - actual_value end") }} as still_needed,
    cast(case
        when compare_to = 'none' or target_value is null or actual_value is null then 'NOT_ASSESSABLE'
        when is_standing then case when target_is_met then 'MET' else 'NOT_MET' end
        when target_is_met then 'ACHIEVED'
        when year_ >= target_year then 'MISSED'
        when progress_linear is null then 'NOT_ASSESSABLE'
        when progress_linear >= {{ bounds['ON_TRACK'] }} then 'ON_TRACK'
        when progress_linear >= {{ bounds['ACCELERATE'] }} then 'ACCELERATE'
        when progress_linear >= {{ bounds['LIMITED'] }} then 'LIMITED'
        else 'DETERIORATED'
    end as varchar) as status,
    cast(case
        when compare_to = 'none' then '文件不设可比目标'
        when target_value is null then '文件未载目标值'
        when actual_value is null and period < not_before then note_zh
        when actual_value is null and obs_status is null then '无此地区数据'
        when actual_value is null and figure_note = 'withheld' then '数值超出有效范围，已扣留'
        when actual_value is null then coalesce(figure_note, '未报送')
        when note_zh is not null and not_before is null and year_ = baseline_year then note_zh
        when is_standing or target_is_met or year_ >= target_year then null
        when baseline_value is null then '文件未载基期值'
        when progress_linear is null then '基期年，尚无进度'
    end as varchar) as status_reason
from progressed
order by document_key, table_key, row_no, period
