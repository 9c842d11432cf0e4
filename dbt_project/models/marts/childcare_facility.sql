-- Childcare facilities month by month as registered: one row a facility and delivered month, in stock or not. What may
-- point at one person is left out: number and place of childcare in a family's home.
with registered as (

    select
        *,
        {{ month_end('delivery_period') }} as as_of
    from {{ source('landing', 'childcare_facilities') }}

),

in_stock as (

    select
        *,
        {{ in_service() }} as in_service
    from registered

)

select
    cast(in_stock.facility_id as string) as facility_id,
    cast(in_stock.delivery_period as string) as period,
    cast(in_stock.county_code as string) as region_code,
    cast(county.region_name as string) as region_name,
    cast(in_stock.town_code as string) as town_code,
    cast(town.region_name as string) as town_name,
    cast(in_stock.community_code as string) as community_code,
    cast(in_stock.facility_name as string) as facility_name,
    case when in_stock.facility_type <> 'home_point' then cast(in_stock.uscc as string) end as uscc,
    cast(in_stock.facility_type as string) as facility_type,
    cast(types.zh as string) as facility_type_name,
    cast(in_stock.urban_rural as string) as urban_rural,
    cast(in_stock.ownership as string) as ownership,
    in_stock.inclusive as is_inclusive,
    in_stock.registered as is_registered,
    cast(in_stock.places as integer) as places,
    cast(in_stock.enrolled as integer) as enrolled,
    cast(in_stock.demo_level as string) as demo_level,
    in_stock.demo_recognised_on,
    in_stock.central_project as is_central_project,
    cast(in_stock.central_project_places as integer) as central_project_places,
    in_stock.leases_state_asset,
    {{ ratio('in_stock.contract_rent') }} as contract_rent_yuan,
    cast(in_stock.staff as integer) as staff,
    {{ ratio('in_stock.floor_area') }} as floor_area_m2,
    {{ ratio('in_stock.monthly_fee') }} as monthly_fee_yuan,
    in_stock.opened_on,
    in_stock.closed_on,
    cast(in_stock.status as string) as status,
    in_stock.in_service,
    in_stock.in_service and types.counts_as_institution as is_institution,
    vanished.facility_id is not null as vanished,
    case when in_stock.facility_type <> 'home_point' then {{ ratio('in_stock.longitude') }} end as longitude,
    case when in_stock.facility_type <> 'home_point' then {{ ratio('in_stock.latitude') }} end as latitude
from in_stock
inner join {{ ref('facility_types') }} as types
    on in_stock.facility_type = types.facility_type and types.source = 'childcare_facilities'
-- an open end is a late date here: an `or` would make the join compare every row with every code
left join {{ ref('stg_regions') }} as county
    on
        in_stock.county_code = county.region_code
        and in_stock.as_of >= county.valid_from
        and in_stock.as_of < coalesce(county.valid_to, {{ last_date() }})
left join {{ ref('stg_regions') }} as town
    on
        in_stock.town_code = town.region_code
        and in_stock.as_of >= town.valid_from
        and in_stock.as_of < coalesce(town.valid_to, {{ last_date() }})
left join {{ ref('facility_vanished') }} as vanished
    on
        vanished.register = 'childcare_facilities'
        and in_stock.facility_id = vanished.facility_id
        and in_stock.delivery_period = vanished.delivery_period
order by facility_id, period
