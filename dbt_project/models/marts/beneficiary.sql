-- Persons paid, by programme, region and month or year; each counted once in every region that holds them. Never to be
-- added over months or regions.
select
    cast(counted.programme_code as varchar) as programme_code,
    cast(counted.region_code as varchar) as region_code,
    cast(names.today_name as varchar) as region_name,
    cast(counted.region_level as varchar) as region_level,
    cast(counted.period as varchar) as period,
    cast(counted.persons as bigint) as persons,
    cast(counted.payments as bigint) as payments,
    case when counted.persons between 1 and 4 then 'C' else 'F' end as conf_status
from {{ ref('beneficiary_count') }} as counted
left join {{ ref('region_today') }} as names
    on counted.region_code = names.region_code
order by programme_code, region_code, period
