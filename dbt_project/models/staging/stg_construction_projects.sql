-- Construction projects of the year's ledger, one a project; a project is done once it is finished by the year's end.
with source as (

    select
        *,
        delivery_period as period,
        {{ year_start('delivery_period') }} as year_start,
        {{ year_end('delivery_period') }} as year_end
    from {{ source('landing', 'construction_projects') }}

)

select
    *,
    county_code as region_code,
    status in ('completed', 'in_use') and completed_on <= year_end as is_done
from source
