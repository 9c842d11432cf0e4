-- Departments' statistical returns: one item of one region in one year.
select
    region_code,
    delivery_period as period,
    item_code,
    value,
    value is null and coalesce(not_applicable, '') = 'value' as is_not_applicable,
    delivery_path,
    delivery_row
from {{ source('landing', 'agency_returns') }}
