-- What was paid once for a place and is paid again under another facility's code: the same town and the same name or
-- the same coordinates, the former facility closed or gone when the later one came. One row a programme and later
-- facility.
with paid_once as (

    select
        payments.programme_code,
        payments.facility_id,
        listed.town_code,
        min(listed.delivery_period) as first_month,
        max(listed.delivery_period) as last_month,
        min(coalesce(listed.opened_on, {{ month_end('listed.delivery_period') }})) as opened_on,
        max(case when listed.is_closed then listed.closed_on end) as closed_on,
        max(listed.facility_name) as facility_name,
        max(listed.longitude) as longitude,
        max(listed.latitude) as latitude
    from {{ ref('subsidy_payment') }} as payments
    inner join {{ ref('registered_month') }} as listed
        on payments.facility_id = listed.facility_id
    where payments.period = 'once' and payments.paid_amount_yuan > 0
    group by payments.programme_code, payments.facility_id, listed.town_code

)

select
    later.programme_code,
    later.facility_id,
    min(former.facility_id) as former_facility_id
from paid_once as later
inner join paid_once as former
    on
        later.programme_code = former.programme_code
        and later.town_code = former.town_code
        and later.facility_id <> former.facility_id
where
    (former.closed_on <= later.opened_on or former.last_month < later.first_month)
    and (
        former.facility_name = later.facility_name
        or (former.longitude = later.longitude and former.latitude = later.latitude)
    )
group by later.programme_code, later.facility_id
