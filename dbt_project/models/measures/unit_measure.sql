-- Measures of single units, for what is judged one by one: regions as units of themselves, and the communities,
-- projects and facilities of the registers.
select
    measure_key,
    region_code as unit_code,
    region_code,
    period,
    value
from {{ ref('msr_regions') }}
{% for source in ['elderly_facilities', 'childcare_facilities', 'communities', 'residential_projects'] %}
union all
select
    measure_key,
    unit_code,
    region_code,
    period,
    value
from {{ ref('msr_' ~ source) }}
where unit_code is not null
{% endfor %}
