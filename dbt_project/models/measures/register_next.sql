-- The month of which a county's register has rows next after each: one row a register, county and month; NULL after
-- the last one.
select
    register,
    county_code,
    delivery_period,
    lead(delivery_period) over (partition by register, county_code order by delivery_period) as next_period
from {{ ref('registered_county') }}
