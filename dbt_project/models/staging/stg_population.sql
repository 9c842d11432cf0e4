-- People by region, basis, sex and age band. is_reference marks the point of time that the year is counted at:
-- year end, else census, else mid-year (sources.csv).
with source as (

    select
        *,
        delivery_period as period,
        case ref_point when 'year_end' then 1 when 'census' then 2 else 3 end as precedence
    from {{ source('landing', 'population') }}

)

select
    region_code,
    period,
    basis,
    ref_point,
    sex,
    age_band,
    age_from,
    age_to,
    population,
    is_estimated,
    precedence = min(precedence) over (partition by region_code, period, basis) as is_reference,
    delivery_path,
    delivery_row
from source
