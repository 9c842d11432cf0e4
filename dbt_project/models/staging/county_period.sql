-- Which counties a source covers in each delivery period. A file covers its supplier's region and all beneath it; of
-- several, the nearest supplier's decides, and one that was refused whole leaves its counties uncovered (spec §1).
{{ config(materialized='table') }}
with over_county as (

    select
        deliveries.source,
        deliveries.year_ as period,
        deliveries.period as delivery_period,
        deliveries.state,
        deliveries.refused_rows,
        ancestry.region_code as county_code,
        row_number() over (
            partition by deliveries.source, deliveries.period, ancestry.region_code
            order by ancestry.depth asc, deliveries.supplier asc
        ) as nearness
    from {{ ref('stg_deliveries') }} as deliveries
    inner join {{ ref('region_ancestor') }} as ancestry
        on deliveries.supplier = ancestry.ancestor_code and deliveries.year_ = ancestry.period
    inner join {{ ref('region_year') }} as county
        on ancestry.region_code = county.region_code and ancestry.period = county.period
    where county.level = 'county'

)

select
    source,
    period,
    county_code,
    delivery_period,
    refused_rows
from over_county
where nearness = 1 and state <> 'rejected'
