-- From when to when a county's ledgers reach: outside, nothing paid and nothing told are not the same.
select
    region_code,
    min(delivery_period) as first_month,
    max(delivery_period) as last_month
from {{ ref('county_month') }}
where register = 'subsidy_ledger'
group by region_code
