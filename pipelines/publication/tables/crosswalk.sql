select
    crosswalk.indicator_key,
    crosswalk.indicator_name,
    crosswalk.comparability,
    crosswalk.comparability_note,
    crosswalk.document_key,
    crosswalk.table_key,
    crosswalk.row_no,
    crosswalk.clause,
    crosswalk.label,
    crosswalk.unit,
    crosswalk.region_code,
    crosswalk.variant,
    crosswalk.definition,
    crosswalk.baseline_printed,
    crosswalk.target_printed,
    coalesce(judged.judged_period, judged.period) as actual_period,
    latest.actual_value,
    registry.decimals,
    judged.status,
    latest.obs_status
from marts.crosswalk as crosswalk
inner join reference.indicator as registry on crosswalk.indicator_key = registry.indicator_key
left join marts.document_indicator as judged
    on
        crosswalk.document_key = judged.document_key
        and crosswalk.table_key = judged.table_key
        and crosswalk.row_no = judged.row_no
        and judged.period = $year
left join marts.document_indicator as latest
    on
        judged.document_key = latest.document_key
        and judged.table_key = latest.table_key
        and judged.row_no = latest.row_no
        and coalesce(judged.judged_period, judged.period) = latest.period
order by crosswalk.indicator_key, crosswalk.document_key, crosswalk.table_key, crosswalk.row_no
