-- Facilities of both registers, month by month, as far as payments ask about them; counties under today's codes. Kept
-- by month: what a payment asks is when its facility was listed last, whichever month that was.
{{ of_months(['elderly_facilities', 'childcare_facilities'], batch=12) }}
{% for register in ['elderly_facilities', 'childcare_facilities'] %}
select
    '{{ register }}' as register,
    register.facility_id,
    coalesce(today.today_code, register.county_code) as region_code,
    register.delivery_period,
    register.town_code,
    register.facility_name,
    {{ shown_name('register') }} as shown_name,
    register.longitude,
    register.latitude,
    register.opened_on,
    register.closed_on,
    register.status = 'closed'
    or coalesce(register.closed_on <= {{ month_end('register.delivery_period') }}, false) as is_closed,
    register.delivery_path,
    register.delivery_row
from {{ source('landing', register) }} as register
left join {{ ref('region_today') }} as today
    on register.county_code = today.region_code
where register.delivery_period in ({{ anew() }})
{{ "union all" if not loop.last }}
{% endfor %}
