-- What the registers of a month say of every programme's conditions: one row a programme, facility in its scope and
-- month from the one on in which it takes effect. is_met NULL: a condition cannot be told. Counties stand under today's
-- codes.
{{ of_months(['elderly_facilities', 'childcare_facilities'], sorted_by=['delivery_period', 'programme_code']) }}
-- depends_on: {{ ref('subsidy_programmes') }} {{ ref('subsidy_conditions') }} {{ ref('programme_region') }}
{% set registers = ['elderly_facilities', 'childcare_facilities'] %}
{% set columns = condition_columns() %}
with
{% for register in registers %}
{{ register }} as (

    select
        listed.*,
        listed.in_service
        and types.counts_as_institution{{ " and listed.beds >= 10" if register == 'elderly_facilities' }} as is_institution,
        types.zh as type_name,
        {{ shown_name('listed') }} as shown_name
    from (
        select
            register.*,
            coalesce(today.today_code, register.county_code) as region_code,
            {{ month_end('register.delivery_period') }} as as_of,
            {{ in_service(month_end('register.delivery_period')) }} as in_service
        from {{ source('landing', register) }} as register
        left join {{ ref('region_today') }} as today
            on register.county_code = today.region_code
        where register.delivery_period in ({{ anew() }})
    ) as listed
    inner join {{ ref('facility_types') }} as types
        on listed.facility_type = types.facility_type and types.source = '{{ register }}'

),
{% endfor %}

{% for programme in subsidy_programmes_due() %}
told_{{ loop.index }} as (

    select
        facility.*,
        {{ "cast('%s' as date)" % programme.valid_from if programme.valid_from else "cast(null as date)" }} as valid_from
    from {{ programme.register }} as facility
    inner join {{ ref('programme_region') }} as scope
        on facility.region_code = scope.region_code and scope.programme_code = '{{ programme.code }}'
    where
        true
        {% if programme.valid_from %}
        and facility.as_of >= cast('{{ programme.valid_from }}' as date)
        {% endif %}
        {% if programme.valid_to %}
        and {{ month_start('facility.delivery_period') }} <= cast('{{ programme.valid_to }}' as date)
        {% endif %}

){{ "," if not loop.last }}
{% endfor %}

{% for programme in subsidy_programmes_due() %}
select
    cast('{{ programme.code }}' as string) as programme_code,
    facility_id,
    region_code,
    delivery_period,
    {{ quantity(programme.base) }} as base_quantity,
    {% for condition in programme.conditions %}({{ condition.met }}) and {% endfor %}true as is_met,
    {{ named_where(programme.conditions, 'not') }} as unmet_conditions,
    {{ named_where(programme.conditions, 'unknown') }} as unknown_conditions,
    {% for key in columns %}
    {% for condition in programme.conditions if condition.key == key -%}
    cast({{ condition.value }} as string)
    {%- else -%}
    cast(null as string)
    {%- endfor %} as {{ key }},
    {% endfor %}
    shown_name as facility_name,
    status = 'closed' or coalesce(closed_on <= as_of, false) as is_closed,
    closed_on,
    delivery_path,
    delivery_row
from told_{{ loop.index }}
{{ "union all" if not loop.last }}
{% endfor %}
