-- Listed elders month by month, contacted or not; an unrecorded visit is not a visit.
with source as (

    select * from {{ source('landing', 'care_contacts') }}

)

select
    source.person_id,
    {{ year_of('source.delivery_period') }} as period,
    source.delivery_period as month,
    source.county_code,
    town_code.region_code,
    source.contacts,
    source.delivery_path,
    source.delivery_row
from source
inner join {{ ref('region_code_year') }} as town_code
    on
        source.town_code = town_code.delivered_code
        and {{ year_of('source.delivery_period') }} = town_code.period
