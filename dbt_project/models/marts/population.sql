-- People by region, year, basis, point of time, sex and age band, as delivered and landed.
select
    cast(people.region_code as string) as region_code,
    cast(regions.region_name as string) as region_name,
    cast(regions.level as string) as region_level,
    cast(people.period as string) as period,
    cast(people.basis as string) as basis,
    cast(people.ref_point as string) as ref_point,
    cast(people.sex as string) as sex,
    cast(people.age_band as string) as age_band,
    cast(people.age_from as integer) as age_from,
    cast(people.age_to as integer) as age_to,
    cast(people.population as bigint) as population,
    people.is_estimated,
    people.is_reference
from {{ ref('stg_population') }} as people
inner join {{ ref('region_year') }} as regions
    on people.region_code = regions.region_code and people.period = regions.period
order by region_code, period, basis, ref_point, sex, age_from
