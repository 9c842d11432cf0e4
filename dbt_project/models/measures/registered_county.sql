-- Months of which a county's register of facilities has rows: one row a register, county and month. Kept by month.
{{ of_months(['elderly_facilities', 'childcare_facilities'], batch=100) }}
{% for register in ['elderly_facilities', 'childcare_facilities'] %}
select distinct
    delivery_period,
    '{{ register }}' as register,
    county_code
from {{ source('landing', register) }}
where delivery_period in ({{ anew() }})
{{ "union all" if not loop.last }}
{% endfor %}
