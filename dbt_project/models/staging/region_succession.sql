-- Every code ever registered, and the code that stands for it at the end of a year: itself, or its successor as long
-- as there is a single one (at most two changes).
{{ config(materialized='table') }}
select
    years.period,
    ever.region_code as earlier_code,
    max(coalesce(own_.region_code, successor.region_code, second_.region_code)) as region_code
from {{ ref('stg_regions') }} as ever
cross join {{ ref('delivered_year') }} as years
left join {{ ref('region_year') }} as own_
    on ever.region_code = own_.region_code and years.period = own_.period
left join {{ ref('region_year') }} as successor
    on ever.successor_code = successor.region_code and years.period = successor.period
left join {{ ref('stg_regions') }} as expired
    on ever.successor_code = expired.region_code
left join {{ ref('region_year') }} as second_
    on expired.successor_code = second_.region_code and years.period = second_.period
group by years.period, ever.region_code
