with judged as (

    select *
    from marts.document_indicator
    where period = $year

)

select
    judged.document_key,
    judged.table_key,
    judged.row_no,
    judged.row_kind,
    judged.label,
    judged.unit,
    judged.baseline_printed,
    judged.target_printed,
    judged.attribute,
    judged.responsible,
    judged.clause,
    judged.target_id,
    judged.indicator_key,
    judged.variant,
    judged.region_code,
    judged.baseline_year,
    judged.baseline_value,
    judged.target_year,
    judged.target_operator,
    judged.target_value,
    judged.eval_operator,
    judged.compare_to,
    base.actual_value as baseline_actual,
    case when base.actual_value is not null then base.period end as baseline_period,
    coalesce(judged.judged_period, judged.period) as actual_period,
    latest.actual_value,
    -- the weakest unit's figure is mostly a count
    case when judged.compare_to = 'extreme' and latest.actual_value = floor(latest.actual_value) then 0 else registry.decimals end
        as decimals,
    judged.achieved_share,
    judged.elapsed_share,
    judged.progress_linear,
    judged.progress_projection,
    judged.gap_to_path,
    judged.still_needed,
    judged.still_needed_unit,
    judged.units_met,
    judged.units_known,
    judged.status,
    latest.obs_status,
    cast(case
        when judged.status_reason like '%' || rtrim(notes.note_zh, '。') || '%' then judged.status_reason
        else nullif(concat_ws('；', rtrim(notes.note_zh, '。'), judged.status_reason), '')
    end as varchar) as note
from judged
inner join reference.indicator as registry on judged.indicator_key = registry.indicator_key
left join marts.document_indicator as latest
    on
        judged.document_key = latest.document_key
        and judged.table_key = latest.table_key
        and judged.row_no = latest.row_no
        and coalesce(judged.judged_period, judged.period) = latest.period
left join marts.document_indicator as base
    on
        judged.document_key = base.document_key
        and judged.table_key = base.table_key
        and judged.row_no = base.row_no
        and base.period = case
            when judged.baseline_year is not null then cast(judged.baseline_year as varchar)
            when judged.row_kind = 'baseline' then '2020'
        end
        and base.period <= $year
left join reference.document_note as notes
    on
        judged.document_key = notes.document_key
        and judged.table_key = notes.table_key
        and judged.row_no = notes.row_no
order by judged.document_key, judged.table_key, judged.row_no
