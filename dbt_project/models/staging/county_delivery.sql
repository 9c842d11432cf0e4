-- Which counties a source covers in a year, the last period that each delivered, and how many periods.
{{ config(materialized='table') }}
select
    source,
    period,
    county_code,
    max(delivery_period) as last_period,
    count(*) as n_periods,
    -- before December a monthly stock is provisional (finding stale_period)
    length(max(delivery_period)) = 7 and substr(max(delivery_period), 6, 2) <> '12' as is_stale
from {{ ref('county_period') }}
group by source, period, county_code
