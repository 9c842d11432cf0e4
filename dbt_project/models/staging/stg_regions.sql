-- Region register: one row a code and validity interval, from each supplier's newest snapshot (spec §8).
with source as (

    select * from {{ source('landing', 'regions') }}

),

newest as (

    select
        *,
        row_number() over (
            partition by region_code, valid_from
            order by delivery_period desc, delivery_supplier asc
        ) as recency
    from source

)

select
    region_code,
    region_name,
    level,
    parent_code,
    valid_from,
    valid_to,
    successor_code,
    gbt2260,
    reports_separately,
    coalesce(county_kind, 'na') as county_kind,
    coalesce(town_kind, 'na') as town_kind
from newest
where recency = 1
