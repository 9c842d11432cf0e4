{# In service on a day (spec §4): operating, opened on the day is in, closed on the day is out. #}
{% macro in_service(as_of='as_of') -%}
status = 'operating'
        and (opened_on is null or opened_on <= {{ as_of }})
        and (closed_on is null or closed_on > {{ as_of }})
{%- endmacro %}


{# The name of a facility, unless it may be that of a private home (spec §5). #}
{% macro shown_name(register) -%}
case when {{ register }}.facility_type not in ('home_bed_programme', 'home_point') then {{ register }}.facility_name end
{%- endmacro %}


{# A register in some months, with what its codes are called: one row a facility and delivered month. #}
{% macro listed_by_month(register, months) -%}
select
        facilities.*,
        {{ in_service(month_end('facilities.delivery_period')) }} as in_service,
        county.region_name as county_name,
        town.region_name as town_name,
        types.zh as type_name,
        types.counts_as_institution,
        types.counts_in_total_beds_or_places,
        vanished.facility_id is not null as vanished
    from {{ source('landing', register) }} as facilities
    inner join {{ ref('facility_types') }} as types
        on facilities.facility_type = types.facility_type and types.source = '{{ register }}'
    {#- an open end is a late date here: an `or` would make the join compare every row with every code #}
    {%- for place in ("county", "town") %}
    left join {{ ref('stg_regions') }} as {{ place }}
        on
            facilities.{{ place }}_code = {{ place }}.region_code
            and {{ month_end('facilities.delivery_period') }} >= {{ place }}.valid_from
            and {{ month_end('facilities.delivery_period') }} < coalesce({{ place }}.valid_to, {{ last_date() }})
    {%- endfor %}
    left join {{ ref('facility_vanished') }} as vanished
        on
            vanished.register = '{{ register }}'
            and facilities.facility_id = vanished.facility_id
            and facilities.delivery_period = vanished.delivery_period
    where facilities.delivery_period in ({{ months }})
{%- endmacro %}
