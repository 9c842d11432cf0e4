-- path_value: the straight line from the printed baseline to the target, where a dated target has a baseline, from the
-- one's year to the other's
select
    document_key,
    table_key,
    row_no,
    period,
    indicator_key,
    variant,
    region_code,
    actual_value,
    case
        when baseline_value is not null and cast(period as integer) between baseline_year and target_year
            and baseline_year < target_year
            then
                baseline_value
                + (target_value - baseline_value) * (cast(period as integer) - baseline_year)
                / (target_year - baseline_year)
    end as path_value,
    target_value,
    target_year,
    status,
    obs_status
from marts.document_indicator
where period <= $year
order by document_key, table_key, row_no, period
