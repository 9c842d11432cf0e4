-- Facilities that vanished: listed and not closed in one month, and no longer in the next one that their county
-- delivered. They are out of the stock (spec §4).
{{ config(materialized='table') }}
with facility_month as (

    {% for register in ['elderly_facilities', 'childcare_facilities'] %}
    select
        '{{ register }}' as register,
        facility_id,
        county_code,
        status,
        delivery_period,
        delivery_path
    from {{ source('landing', register) }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

delivered as (

    select distinct
        register,
        county_code,
        delivery_period
    from facility_month

),

county_month as (

    select
        register,
        county_code,
        delivery_period,
        lead(delivery_period) over (partition by register, county_code order by delivery_period) as next_period
    from delivered

)

select
    before_.register,
    before_.facility_id,
    before_.county_code,
    before_.delivery_period,
    before_.delivery_path,
    county_month.next_period as absent_from
from facility_month as before_
inner join county_month
    on
        before_.register = county_month.register
        and before_.county_code = county_month.county_code
        and before_.delivery_period = county_month.delivery_period
left join facility_month as after_
    on
        before_.register = after_.register
        and before_.facility_id = after_.facility_id
        and county_month.next_period = after_.delivery_period
where county_month.next_period is not null and before_.status <> 'closed' and after_.facility_id is null
