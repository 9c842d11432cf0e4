-- Every row of every document × year: the printed baseline and target, the actual figure, how far it has come and the
-- verdict, which is the linear method's; every row without a verdict says why.
with followed as (

    select
        *,
        coalesce(judged_obs_status = 'P', false) as is_provisional
    from {{ ref('document_progress') }}

),

verdict as (

    select
        *,
        case
            when not is_assessable or compare_to = 'none' or target_value is null then 'NOT_ASSESSABLE'
            when judged_value is null or is_before_its_year then 'NOT_ASSESSABLE'
            when period_rule = 'every_year_from' and year_ < target_year then 'NOT_ASSESSABLE'
            when is_standing then case when target_is_met then 'MET' else 'NOT_MET' end
            when target_is_met then 'ACHIEVED'
            -- a month before December does not yet decide the year
            when judged_year >= target_year and not (is_provisional and judged_year = target_year) then 'MISSED'
            else coalesce(status_linear, 'NOT_ASSESSABLE')
        end as status,
        -- the methods speak only of a target that is still on its way
        has_path and not coalesce(target_is_met, false) and year_ < target_year and status_linear is not null
            as is_under_way
    from followed

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
            when row_kind = 'baseline' and baseline_year is null
                then '文件所载的现状（未注年份，以 {{ var("first_year") }} 年数对照），未设目标'
            when row_kind = 'baseline' then '文件所载的现状，未设目标'
            when compare_to = 'none' then '文件不设可比目标'
            when target_value is null then '文件未载目标值'
            when judged_value is null and period < not_before then note_zh
            when judged_value is null and judged_obs_status is null then '无此地区数据'
            when judged_value is null
                then
                    case when judged_period <> period then judged_period || ' 年：' else '' end
                    || case
                        when judged_figure_note = 'withheld' then '数值超出有效范围，已扣留'
                        else coalesce(judged_figure_note, '未报送')
                    end
            when period_rule = 'every_year_from' and year_ < target_year
                then '自 ' || cast(target_year as string) || ' 年起评价'
            when is_before_its_year then '当年的数量目标，到 ' || cast(target_year as string) || ' 年才评价'
            when is_provisional and judged_year = target_year and not target_is_met then '目标年的数尚为初步数'
            when note_zh is not null and not_before is null and year_ = baseline_year then note_zh
            when status = 'NOT_ASSESSABLE' and baseline_value is null then '文件未载基期值，期限未到'
            when status = 'NOT_ASSESSABLE' and baseline_year is null then '文件未载基期年，期限未到'
            when status = 'NOT_ASSESSABLE' and year_ < baseline_year then '早于基期年'
            when status = 'NOT_ASSESSABLE' then '基期年，尚无进度'
            when status = 'MISSED' and was_met_at_deadline and year_ > target_year
                then '目标年 ' || cast(target_year as string) || ' 年曾达到，之后回落'
            when status = 'ACHIEVED' and not was_met_at_deadline and judged_period = period
                then '目标年 ' || cast(target_year as string) || ' 年未达到，之后达到'
            when judged_period <> period then '按目标年 ' || judged_period || ' 年的数评价'
            when note_zh is not null and not_before is null and table_key = 'targets' then note_zh
        end as reason
    from verdict

)

select
    cast(document_key as string) as document_key,
    cast(table_key as string) as table_key,
    cast(row_no as integer) as row_no,
    cast(label_zh as string) as label,
    cast(unit_printed as string) as unit,
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    cast(scope_region as string) as region_code,
    cast(clause as string) as clause,
    cast(attribute as string) as attribute,
    cast(responsible as string) as responsible,
    baseline_year,
    cast(baseline_operator as string) as baseline_operator,
    {{ ratio('baseline_value') }} as baseline_value,
    cast(baseline_printed as string) as baseline_printed,
    target_year,
    cast(target_operator as string) as target_operator,
    {{ ratio('target_value') }} as target_value,
    cast(target_printed as string) as target_printed,
    cast(period as string) as period,
    {{ ratio('actual_value') }} as actual_value,
    {{ ratio('achieved_share') }} as achieved_share,
    {{ ratio('elapsed_share') }} as elapsed_share,
    {{ ratio('progress_linear') }} as progress_linear,
    {{ ratio('progress_cagr') }} as progress_cagr,
    {{ ratio('progress_projection') }} as progress_projection,
    {{ ratio('gap_to_path') }} as gap_to_path,
    case
        when compare_to = 'none' or not is_assessable or is_before_its_year or judged_value is null then null
        when target_is_met then {{ ratio('0') }}
        else {{ ratio('quantity_needed') }}
    end as still_needed,
    cast(status as string) as status,
    cast(nullif(concat_ws(
        '；',
        trim(trailing '。' from reason),
        case when units_unknown > 0 then '另有 ' || cast(units_unknown as string) || ' 个单位数值不明' end,
        case
            when methods_differ
                then
                    '方法不一致：线性 ' || status_linear || coalesce('，年均增速 ' || status_cagr, '')
                    || coalesce('，推算 ' || status_projection, '')
        end
    ), '') as string) as status_reason,
    cast(target_id as string) as target_id,
    cast(row_kind as string) as row_kind,
    cast(period_rule as string) as period_rule,
    cast(compare_to as string) as compare_to,
    cast(eval_operator as string) as eval_operator,
    cast(counts_once_with as string) as counts_once_with,
    cast(case when compare_to <> 'none' and is_assessable then needed_unit end as string) as still_needed_unit,
    cast(case when is_under_way then status_cagr end as string) as status_cagr,
    cast(case when is_under_way then status_projection end as string) as status_projection,
    case when is_under_way then not methods_differ end as methods_agree,
    cast(judged_period as string) as judged_period,
    cast(units_met as integer) as units_met,
    cast(units_known as integer) as units_known,
    cast(obs_status as string) as obs_status
from explained
order by document_key, table_key, row_no, period
