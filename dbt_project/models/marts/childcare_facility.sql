-- Childcare facilities month by month as registered: one row a facility and delivered month, in stock or not. What may
-- point at one person is left out: number and place of childcare in a family's home.
-- Kept by month; register_basis says what a month follows from.
-- depends_on: {{ ref('register_basis') }}
{{ config(
    materialized="incremental",
    on_schema_change="fail",
    period="period",
    basis="register_basis",
    batch=12,
    sorted_by=["period", "facility_id"]
) }}
with listed as (

    {{ listed_by_month('childcare_facilities', anew()) }}

)

select
    cast(listed.facility_id as string) as facility_id,
    cast(listed.delivery_period as string) as period,
    cast(listed.county_code as string) as region_code,
    cast(listed.county_name as string) as region_name,
    cast(listed.town_code as string) as town_code,
    cast(listed.town_name as string) as town_name,
    cast(listed.community_code as string) as community_code,
    cast(listed.facility_name as string) as facility_name,
    case when listed.facility_type <> 'home_point' then cast(listed.uscc as string) end as uscc,
    cast(listed.facility_type as string) as facility_type,
    cast(listed.type_name as string) as facility_type_name,
    cast(listed.urban_rural as string) as urban_rural,
    cast(listed.ownership as string) as ownership,
    listed.inclusive as is_inclusive,
    listed.registered as is_registered,
    cast(listed.places as integer) as places,
    cast(listed.enrolled as integer) as enrolled,
    cast(listed.demo_level as string) as demo_level,
    listed.demo_recognised_on,
    listed.central_project as is_central_project,
    cast(listed.central_project_places as integer) as central_project_places,
    listed.leases_state_asset,
    {{ ratio('listed.contract_rent') }} as contract_rent_yuan,
    cast(listed.staff as integer) as staff,
    {{ ratio('listed.floor_area') }} as floor_area_m2,
    {{ ratio('listed.monthly_fee') }} as monthly_fee_yuan,
    listed.opened_on,
    listed.closed_on,
    cast(listed.status as string) as status,
    listed.in_service,
    listed.in_service and listed.counts_as_institution as is_institution,
    listed.vanished,
    case when listed.facility_type <> 'home_point' then {{ ratio('listed.longitude') }} end as longitude,
    case when listed.facility_type <> 'home_point' then {{ ratio('listed.latitude') }} end as latitude
from listed
