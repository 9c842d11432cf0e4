-- Institutions for the elderly in service at the end of each month of the register.
select
    facility_id,
    county_code,
    delivery_period,
    beds,
    nursing_beds,
    inclusive,
    star_grade,
    residents,
    local_residents
from {{ source('landed', 'elderly_facilities') }}
where
    status = 'operating'
    and (opened_on is null or substr(cast(opened_on as varchar(10)), 1, 7) <= delivery_period)
    and (closed_on is null or substr(cast(closed_on as varchar(10)), 1, 7) > delivery_period)
    and beds >= 10
    and facility_type in (
        'welfare_home', 'tekun_home', 'county_tekun_home', 'regional_centre', 'nursing_home', 'embedded_home'
    )
