-- Facilities that vanished: listed and not closed in one month, and no longer in the next one that their county
-- delivered. They are out of the stock (spec §4). Kept by month.
-- depends_on: {{ ref('register_basis') }}
{{ config(materialized="incremental", period="delivery_period", basis="register_basis") }}
{% set later = as_literals(
    "select distinct next_period from " ~ ref("register_next") ~ " where next_period is not null and delivery_period in ("
    ~ anew() ~ ") order by 1") %}
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
    where delivery_period in ({{ anew() }}) or delivery_period in ({{ later }})
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    before_.register,
    before_.facility_id,
    before_.county_code,
    before_.delivery_period,
    before_.delivery_path,
    register_next.next_period as absent_from
from facility_month as before_
inner join {{ ref('register_next') }} as register_next
    on
        before_.register = register_next.register
        and before_.county_code = register_next.county_code
        and before_.delivery_period = register_next.delivery_period
left join facility_month as after_
    on
        before_.register = after_.register
        and before_.facility_id = after_.facility_id
        and register_next.next_period = after_.delivery_period
where
    before_.delivery_period in ({{ anew() }})
    and register_next.next_period is not null
    and before_.status <> 'closed'
    and after_.facility_id is null
