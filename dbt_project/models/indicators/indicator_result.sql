-- All kinds of indicators in one shape.
{% for kind in ['ratio', 'threshold_share', 'life_table'] %}
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
