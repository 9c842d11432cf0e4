-- Listed elders month by month, contacted or not; an unrecorded visit is not a visit.
with source as (

    select * from {{ source('landing', 'care_contacts') }}

)

select
    person_id,
    {{ year_of('delivery_period') }} as period,
    delivery_period as month,
    county_code,
    town_code as region_code,
    contacts,
    delivery_path,
    delivery_row
from source
