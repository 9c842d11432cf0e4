-- Counties, prefectures and provinces, each with itself and what lies above it below the nation.
select
    region_code,
    region_code as ancestor_code
from {{ source('landed', 'regions') }}
where level in ('province', 'prefecture', 'county')
union all
select
    region_code,
    parent_code as ancestor_code
from {{ source('landed', 'regions') }}
where level in ('prefecture', 'county')
union all
select
    below.region_code,
    above.parent_code as ancestor_code
from {{ source('landed', 'regions') }} as below
inner join {{ source('landed', 'regions') }} as above
    on below.parent_code = above.region_code
where below.level = 'county' and above.level = 'prefecture'
