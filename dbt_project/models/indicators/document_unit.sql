-- Unit by unit, what a document's threshold row asks: each unit of the governed region, less the document's exceptions,
-- against the document's own limit where it prints one, else the registry's. One row a document row, unit and year.
with rows_ as (

    select
        rows_.document_key,
        rows_.table_key,
        rows_.row_no,
        rows_.indicator_key,
        rows_.variant,
        rows_.scope_region,
        '|' || coalesce(rows_.unit_exclude, '') || '|' as excluded,
        definitions.threshold_unit,
        definitions.threshold_unit_value,
        definitions.denominator_measure,
        definitions.extreme,
        case when rows_.compare_to = 'extreme' then rows_.eval_operator else definitions.threshold_operator end
            as limit_operator,
        case when rows_.compare_to = 'extreme' then rows_.target_value else definitions.threshold_value end
            as limit_value
    from {{ ref('document_rows') }} as rows_
    inner join {{ ref('indicator_definition') }} as definitions
        on rows_.indicator_key = definitions.indicator_key and rows_.variant = definitions.variant
    where definitions.kind = 'threshold_share' and rows_.row_kind <> 'task'

),

units as (

    select
        rows_.document_key,
        rows_.table_key,
        rows_.row_no,
        rows_.indicator_key,
        rows_.variant,
        rows_.scope_region,
        rows_.threshold_unit,
        rows_.extreme,
        rows_.limit_operator,
        rows_.limit_value,
        units.unit_code,
        units.region_code as unit_region_code,
        units.period,
        units.unit_value,
        units.is_missing,
        units.is_not_applicable
    from rows_
    inner join {{ ref('threshold_unit') }} as units
        on
            rows_.threshold_unit_value = units.threshold_unit_value
            and rows_.denominator_measure = units.units_measure
    inner join {{ ref('region_ancestor') }} as ancestry
        on
            units.region_code = ancestry.region_code
            and units.period = ancestry.period
            and rows_.scope_region = ancestry.ancestor_code
    where
        rows_.excluded not like '%|' || units.unit_code || '|%'
        and units.period >= '{{ var("first_year") }}'

)

select
    *,
    {{ is_met('limit_operator', 'unit_value', 'limit_value') }} as is_met
from units
