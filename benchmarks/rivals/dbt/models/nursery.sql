-- Childcare facilities in service at each year's end.
select
    facility_id,
    county_code,
    substr(delivery_period, 1, 4) as period,
    places,
    ownership,
    facility_type <> 'home_point' as is_institution
from {{ source('landed', 'childcare_facilities') }}
where
    delivery_period like '%-12'
    and status = 'operating'
    and (opened_on is null or substr(cast(opened_on as varchar(10)), 1, 7) <= delivery_period)
    and (closed_on is null or substr(cast(closed_on as varchar(10)), 1, 7) > delivery_period)
