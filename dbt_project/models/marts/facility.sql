-- Care facilities month by month as registered: one row a facility and delivered month, in stock or not. What may point
-- at one person is left out: name and number of an operator who is an individual, name and place of beds in private
-- homes.
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

    {{ listed_by_month('elderly_facilities', anew()) }}

)

select
    cast(listed.facility_id as string) as facility_id,
    cast(listed.delivery_period as string) as period,
    cast(listed.county_code as string) as region_code,
    cast(listed.county_name as string) as region_name,
    cast(listed.town_code as string) as town_code,
    cast(listed.town_name as string) as town_name,
    cast(listed.community_code as string) as community_code,
    case
        when listed.facility_type <> 'home_bed_programme' then cast(listed.facility_name as string)
    end as facility_name,
    case when listed.operator_kind <> 'individual' then cast(listed.uscc as string) end as uscc,
    cast(listed.facility_type as string) as facility_type,
    cast(listed.type_name as string) as facility_type_name,
    cast(listed.urban_rural as string) as urban_rural,
    cast(listed.ownership as string) as ownership,
    cast(listed.operator_kind as string) as operator_kind,
    case when listed.operator_kind <> 'individual' then cast(listed.operator_name as string) end as operator_name,
    listed.inclusive as is_inclusive,
    cast(listed.beds as integer) as beds,
    cast(listed.nursing_beds as integer) as nursing_beds,
    cast(listed.safety_net_beds as integer) as safety_net_beds,
    cast(listed.safety_net_beds_ok as integer) as safety_net_beds_ok,
    cast(listed.adapted_beds as integer) as adapted_beds,
    cast(listed.residents as integer) as residents,
    cast(listed.disabled_residents as integer) as disabled_residents,
    cast(listed.local_residents as integer) as local_residents,
    cast(listed.star_grade as string) as star_grade,
    listed.medical_contract as has_medical_contract,
    listed.in_house_clinic as has_in_house_clinic,
    listed.comprehensive_functions as has_comprehensive_functions,
    listed.standardised as is_standardised,
    listed.disabled_tekun_focus as is_disabled_tekun_focus,
    listed.meets_basic_standard,
    cast(listed.quality_status as string) as quality_status,
    cast(listed.fire_rectification as string) as fire_rectification,
    listed.demo_medical_care as is_medical_care_demo,
    cast(listed.staff as integer) as staff,
    cast(listed.care_workers as integer) as care_workers,
    cast(listed.trained_care_workers as integer) as trained_care_workers,
    cast(listed.social_workers as integer) as social_workers,
    {{ ratio('listed.floor_area') }} as floor_area_m2,
    {{ ratio('listed.land_area') }} as land_area_m2,
    {{ ratio('listed.monthly_fee') }} as monthly_fee_yuan,
    listed.opened_on,
    listed.closed_on,
    cast(listed.status as string) as status,
    listed.in_service,
    listed.in_service and listed.counts_as_institution and listed.beds >= 10 as is_institution,
    listed.in_service and listed.counts_in_total_beds_or_places as counts_as_service_bed,
    listed.vanished,
    case when listed.facility_type <> 'home_bed_programme' then {{ ratio('listed.longitude') }} end as longitude,
    case when listed.facility_type <> 'home_bed_programme' then {{ ratio('listed.latitude') }} end as latitude
from listed
