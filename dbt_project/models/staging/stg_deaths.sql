-- Deaths of the year by region of usual residence, sex and age band.
select
    region_code,
    delivery_period as period,
    sex,
    age_from,
    age_to,
    deaths,
    delivery_path,
    delivery_row
from {{ source('landing', 'deaths') }}
