-- Every region with itself (depth 0) and each region above it, year by year; parents are read from the register,
-- never from the digits of a code.
with recursive_free as (

    {% for depth in range(6) %}
    select
        base.period,
        base.region_code,
        step{{ depth }}.region_code as ancestor_code,
        step{{ depth }}.level as ancestor_level,
        {{ depth }} as depth
    from {{ ref('region_year') }} as base
    {% for step in range(depth + 1) %}
    inner join {{ ref('region_year') }} as step{{ step }}
        on
            base.period = step{{ step }}.period
            {% if step == 0 -%}
            and base.region_code = step0.region_code
            {%- else -%}
            and step{{ step - 1 }}.parent_code = step{{ step }}.region_code
            and step{{ step - 1 }}.region_code <> step{{ step - 1 }}.parent_code
            {%- endif %}
    {% endfor %}
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    period,
    region_code,
    ancestor_code,
    ancestor_level,
    depth
from recursive_free
