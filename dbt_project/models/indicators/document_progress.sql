-- How far each row of a document has come, year by year: the linear path, the growth rates and the projection, side by
-- side (macros/progress.sql), and what is still needed in natural units. Comparison is unrounded (spec §3).
{% set judged_columns = [
    'period', 'value', 'numerator', 'denominator', 'units_met', 'units_known', 'obs_status', 'figure_note'
] %}

with figures as (

    select
        *,
        cast(period as integer) as year_
    from {{ ref('document_figure') }}

),

at_deadline as (

    -- the figure of the target year, once that year has passed
    select
        now_.*,
        then_.actual_value as deadline_value,
        -- a quantity promised for one year stays judged by that year: a later year's new beds say nothing about those
        -- promised for 2022
        coalesce(
            then_.period is not null and now_.is_flow and now_.kind in ('count', 'amount')
            and now_.row_kind <> 'funding',
            false
        ) as is_past_flow,
        then_.period as deadline_period,
        then_.year_ as deadline_year,
        then_.numerator as deadline_numerator,
        then_.denominator as deadline_denominator,
        then_.units_met as deadline_units_met,
        then_.units_known as deadline_units_known,
        then_.obs_status as deadline_obs_status,
        then_.figure_note as deadline_figure_note
    from figures as now_
    left join figures as then_
        on
            now_.document_key = then_.document_key
            and now_.table_key = then_.table_key
            and now_.row_no = then_.row_no
            and now_.target_year = then_.year_
            and now_.year_ > now_.target_year
            and now_.period_rule like 'by_year_end%'

),

judged as (

    select
        *,
        {% for column in judged_columns %}
        case when is_past_flow then deadline_{{ column }} else {{ "actual_value" if column == "value" else column }} end
            as judged_{{ column }},
        {% endfor %}
        case when is_past_flow then deadline_year else year_ end as judged_year
    from at_deadline

),

measured as (

    select
        *,
        {{ is_met('eval_operator', 'judged_value', 'target_value') }} as target_is_met,
        {{ is_met('eval_operator', 'deadline_value', 'target_value') }} as was_met_at_deadline,
        coalesce({{ is_met('eval_operator', 'baseline_value', 'target_value') }}, false) as baseline_met_target,
        period_rule in ('standing', 'every_year', 'every_year_from') or target_year is null as is_standing_rule,
        (judged_value - baseline_value) / nullif(target_value - baseline_value, 0) as way_achieved,
        -- once the deadline has passed all of the time has
        least({{ ratio('judged_year - baseline_year') }} / nullif(target_year - baseline_year, 0), {{ ratio('1') }})
            as time_elapsed
    from judged

),

followed as (

    select
        *,
        -- progress is told of dated targets with a distance to go
        not is_standing_rule and baseline_value is not null and not baseline_met_target
        and coalesce(judged_year >= baseline_year, false) as has_path,
        is_standing_rule or baseline_met_target as is_standing,
        -- before its year a quantity promised for one year has no path, unless the document prints where it began
        coalesce(
            not is_standing_rule and is_flow and kind in ('count', 'amount') and baseline_value is null
            and judged_year < target_year,
            false
        ) as is_before_its_year
    from measured

),

progressed as (

    select
        *,
        case when has_path then way_achieved end as achieved_share,
        case when has_path then time_elapsed end as elapsed_share,
        case when has_path then way_achieved / nullif(time_elapsed, 0) end as progress_linear,
        case
            when
                has_path and baseline_value > 0 and judged_value > 0 and target_value > 0
                and judged_year > baseline_year
                then
                    (
                        power(judged_value / baseline_value, {{ ratio('1') }} / (judged_year - baseline_year)) - 1
                    )
                    / nullif(
                        power(target_value / baseline_value, {{ ratio('1') }} / (target_year - baseline_year)) - 1, 0
                    )
        end as progress_cagr,
        case
            when has_path and judged_year > baseline_year
                then baseline_value + (judged_value - baseline_value) / nullif(time_elapsed, 0)
        end as progress_projection,
        case
            when has_path
                then judged_value - (baseline_value + (target_value - baseline_value) * time_elapsed)
        end as gap_to_path,
        round(case
            when judged_value is null then null
            when kind = 'ratio'
                then
                    {{ quantity_that_meets(
                        'eval_operator',
                        'cast(target_value as decimal(38, 6)) * cast(judged_denominator as decimal(38, 2)) / multiplier',
                        "numerator_unit not in ('元', '平方米')") }}
                    - judged_numerator
            when kind = 'threshold_share' and compare_to = 'extreme' then judged_units_known - judged_units_met
            when kind = 'threshold_share'
                then
                    {{ quantity_that_meets(
                        'eval_operator',
                        'cast(target_value as decimal(38, 6)) * judged_units_known / multiplier',
                        'true') }}
                    - judged_units_met
            when kind = 'amount' or kind = 'life_table' then target_value - judged_value
            when kind in ('count', 'milestone')
                then {{ quantity_that_meets('eval_operator', 'target_value', 'true') }} - judged_value
        end, 6) as quantity_needed,
        case
            when kind = 'threshold_share'
                then
                    case threshold_unit
                        when 'prefecture' then '个市（州）'
                        when 'county' then '个县（市、区）'
                        when 'prefecture or county' then '个市、县'
                        when 'street' then '个街道'
                        when 'community' then '个社区'
                        when 'village' then '个村'
                        when 'project' then '个小区'
                        when 'facility' then '家机构'
                    end
            when kind = 'ratio' then numerator_unit
            when kind = 'milestone' then '项'
            when kind = 'life_table' then indicator_unit
            else coalesce(numerator_unit, unit_printed)
        end as needed_unit
    from followed

)

select
    *,
    {{ on_track_status('progress_linear') }} as status_linear,
    {{ on_track_status('progress_cagr') }} as status_cagr,
    case
        when {{ is_met('eval_operator', 'progress_projection', 'target_value') }} then 'ON_TRACK'
        when progress_linear >= 0.60 then 'ACCELERATE'
        when progress_linear >= 0 then 'LIMITED'
        when progress_linear < 0 then 'DETERIORATED'
    end as status_projection
from progressed
