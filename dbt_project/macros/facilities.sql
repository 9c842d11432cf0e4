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
