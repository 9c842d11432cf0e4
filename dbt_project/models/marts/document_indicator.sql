-- Every row of every document × year: the printed baseline and target, the actual figure, how far it has come and the
-- verdict, which is the linear method's; every row without a verdict says why.
with verdict as (

    select
        *,
        case
            when not is_assessable or compare_to = 'none' or target_value is null or judged_value is null
                then 'NOT_ASSESSABLE'
            when period_rule = 'every_year_from' and year_ < target_year then 'NOT_ASSESSABLE'
            when is_standing then case when target_is_met then 'MET' else 'NOT_MET' end
            when target_is_met then 'ACHIEVED'
            when judged_year >= target_year then 'MISSED'
            else coalesce(status_linear, 'NOT_ASSESSABLE')
        end as status,
        -- the methods speak only of a target that is still on its way
        has_path and not coalesce(target_is_met, false) and year_ < target_year and status_linear is not null
            as is_under_way
    from {{ ref('document_progress') }}

),

explained as (

    select
        *,
        is_under_way
        and (
            coalesce(status_cagr, status_linear) <> status_linear
            or coalesce(status_projection, status_linear) <> status_linear
        ) as methods_differ,
        case
            when not is_assessable then note_zh
            when registered_kind = 'parameter' then '规则参数（补贴标准、门槛或换算系数），不是指标'
            when row_kind = 'forecast' then '文件所作的预测，不是目标'
            when row_kind = 'baseline' then '文件所载的现状，未设目标'
            when compare_to = 'none' then '文件不设可比目标'
            when target_value is null then '文件未载目标值'
            when judged_value is null and period < not_before then note_zh
            when judged_value is null and obs_status is null then '无此地区数据'
            when judged_value is null and figure_note = 'withheld' then '数值超出有效范围，已扣留'
            when judged_value is null then coalesce(figure_note, '未报送')
            when period_rule = 'every_year_from' and year_ < target_year
                then '自 ' || cast(target_year as varchar) || ' 年起评价'
            when note_zh is not null and not_before is null and year_ = baseline_year then note_zh
            when status = 'NOT_ASSESSABLE' and baseline_value is null then '文件未载基期值，期限未到'
            when status = 'NOT_ASSESSABLE' then '基期年，尚无进度'
            when status = 'ACHIEVED' and not was_met_at_deadline and judged_period = period
                then '目标年 ' || cast(target_year as varchar) || ' 年未达到，之后达到'
            when judged_period <> period then '按目标年 ' || judged_period || ' 年的数评价'
            when note_zh is not null and not_before is null and table_key = 'targets' then note_zh
        end as reason
    from verdict

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
    {{ ratio('achieved_share') }} as achieved_share,
    {{ ratio('elapsed_share') }} as elapsed_share,
    {{ ratio('progress_linear') }} as progress_linear,
    {{ ratio('progress_cagr') }} as progress_cagr,
    {{ ratio('progress_projection') }} as progress_projection,
    {{ ratio('gap_to_path') }} as gap_to_path,
    {{ ratio("case when status = 'NOT_ASSESSABLE' and (compare_to = 'none' or not is_assessable) then null when target_is_met then 0 else quantity_needed end") }}
        as still_needed,
    cast(status as varchar) as status,
    cast(case
        when methods_differ
            then
                coalesce(reason || '；', '') || '方法不一致：线性 ' || status_linear
                || coalesce('，年均增速 ' || status_cagr, '') || coalesce('，推算 ' || status_projection, '')
        else reason
    end as varchar) as status_reason,
    cast(target_id as varchar) as target_id,
    cast(row_kind as varchar) as row_kind,
    cast(period_rule as varchar) as period_rule,
    cast(compare_to as varchar) as compare_to,
    cast(eval_operator as varchar) as eval_operator,
    cast(counts_once_with as varchar) as counts_once_with,
    cast(case when compare_to <> 'none' and is_assessable then needed_unit end as varchar) as still_needed_unit,
    cast(case when is_under_way then status_cagr end as varchar) as status_cagr,
    cast(case when is_under_way then status_projection end as varchar) as status_projection,
    case when is_under_way then not methods_differ end as methods_agree,
    cast(judged_period as varchar) as judged_period,
    cast(units_met as integer) as units_met,
    cast(units_known as integer) as units_known,
    cast(obs_status as varchar) as obs_status
from explained
order by document_key, table_key, row_no, period
