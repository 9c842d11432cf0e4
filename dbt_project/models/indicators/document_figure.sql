-- Every row of every document × year: what is printed, and the figure by the document's own definition with the
-- operands that say how much is still needed.
with years as (

    select distinct period
    from {{ ref('region_year') }}
    where period >= '{{ var("first_year") }}'

),

rows_ as (

    select
        document_key,
        table_key,
        row_no,
        label_zh,
        unit_printed,
        indicator_key,
        variant,
        scope_region,
        clause,
        attribute,
        responsible,
        target_id,
        row_kind,
        period_rule,
        compare_to,
        counts_once_with,
        unit_exclude,
        case when baseline_year between '1900' and '2999' then cast(baseline_year as integer) end as baseline_year,
        baseline_operator,
        baseline_value,
        baseline_printed,
        case when target_year between '1900' and '2999' then cast(target_year as integer) end as target_year,
        target_operator,
        target_value,
        target_printed,
        eval_operator
    from {{ ref('document_rows') }}
    where row_kind <> 'task'

),

units as (

    select
        document_key,
        table_key,
        row_no,
        period,
        count(*) filter (where is_met) as n_met,
        count(*) filter (where unit_value is not null) as n_known,
        count(*) filter (where unit_value is null and not is_not_applicable) as n_unknown,
        case when max(extreme) = 'max' then max(unit_value) else min(unit_value) end as extreme
    from {{ ref('document_unit') }}
    group by document_key, table_key, row_no, period

)

select
    rows_.*,
    years.period,
    registry.kind as registered_kind,
    definitions.kind,
    definitions.multiplier,
    definitions.threshold_unit,
    definitions.unit as indicator_unit,
    numerator_registry.unit_zh as numerator_unit,
    coalesce(numerator_registry.stock_or_flow = 'flow', false) as is_flow,
    notes.note_zh,
    notes.not_before,
    coalesce(notes.assessable, true) as is_assessable,
    figures.numerator,
    figures.denominator,
    figures.obs_status,
    figures.note as figure_note,
    case when figures.value is not null or figures.extreme is not null then units.n_met end as units_met,
    case when figures.value is not null or figures.extreme is not null then units.n_known end as units_known,
    case when figures.value is not null or figures.extreme is not null then units.n_unknown end as units_unknown,
    -- a row that the document does not measure before a year has no figure for it
    case
        when years.period < coalesce(notes.not_before, years.period) then null
        when
            rows_.compare_to = 'extreme'
            -- a printed fact about the weakest unit
            or (rows_.compare_to = 'none' and definitions.kind = 'threshold_share')
            then case when figures.extreme is not null then units.extreme end
        when rows_.unit_exclude is not null and figures.value is not null
            then {{ ratio('units.n_met') }} * definitions.multiplier / nullif({{ ratio('units.n_known') }}, 0)
        else figures.value
    end as actual_value
from rows_
cross join years
left join {{ ref('indicators') }} as registry
    on rows_.indicator_key = registry.indicator_key
left join {{ ref('indicator_definition') }} as definitions
    on rows_.indicator_key = definitions.indicator_key and rows_.variant = definitions.variant
left join {{ ref('measures') }} as numerator_registry
    on definitions.numerator_measure = numerator_registry.measure_key
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
left join units
    on
        rows_.document_key = units.document_key
        and rows_.table_key = units.table_key
        and rows_.row_no = units.row_no
        and years.period = units.period
