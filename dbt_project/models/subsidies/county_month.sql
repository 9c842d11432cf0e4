-- Months of which a county's register or ledger was delivered, under today's code of the county; refused_rows: rows of
-- the file that were refused, whosever they were.
select
    covered.source as register,
    coalesce(today.today_code, covered.county_code) as region_code,
    covered.delivery_period,
    max(covered.refused_rows) as refused_rows
from {{ ref('county_period') }} as covered
left join {{ ref('region_today') }} as today
    on covered.county_code = today.region_code
where covered.source in ('elderly_facilities', 'childcare_facilities', 'subsidy_ledger')
group by covered.source, coalesce(today.today_code, covered.county_code), covered.delivery_period
