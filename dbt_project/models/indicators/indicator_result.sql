-- All kinds of indicators in one shape, each with its unit and whether it lies outside its registered range.
with computed as (

    {% for kind in ['ratio', 'threshold_share', 'life_table', 'milestone', 'difference'] %}
    select
        indicator_key,
        variant,
        region_code,
        period,
        numerator,
        denominator,
        value,
        extreme,
        partial_value,
        is_complete,
        is_observed,
        coverage_n,
        coverage_m,
        missing_cells,
        is_estimated,
        is_stale,
        is_not_applicable,
        note
    from {{ ref(kind) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    computed.*,
    definitions.kind,
    definitions.unit,
    definitions.numerator_measure,
    definitions.denominator_measure,
    coalesce(computed.value < definitions.valid_min or computed.value > definitions.valid_max, false)
        as is_out_of_range
from computed
inner join {{ ref('indicator_definition') }} as definitions
    on computed.indicator_key = definitions.indicator_key and computed.variant = definitions.variant
