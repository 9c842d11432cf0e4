-- Region register: one row a code and validity interval, from each supplier's newest snapshot (spec §8).
with source as (

    select * from {{ source('landing', 'regions') }}

),

in_force as (

    select
        *,
        delivery_period = max(delivery_period) over (partition by delivery_supplier) as is_newest
    from source

),

newest as (

    -- of two suppliers with one code, the later snapshot
    select
        *,
        row_number() over (
            partition by region_code, valid_from
            order by delivery_period desc, delivery_supplier asc
        ) as recency
    from in_force
    where is_newest

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
    county_kind,
    town_kind,
    delivery_path,
    delivery_row
from newest
where recency = 1
