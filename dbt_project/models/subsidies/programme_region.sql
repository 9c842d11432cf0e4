-- The regions that a programme or rule applies to: its scope and all beneath it, under today's codes.
select
    programmes.programme_code,
    above.region_code
from {{ ref('subsidy_programmes') }} as programmes
left join {{ ref('region_today') }} as today
    on programmes.scope_region = today.region_code
inner join {{ ref('region_above') }} as above
    on coalesce(today.today_code, programmes.scope_region) = above.ancestor_code
