-- Care facilities month by month as registered: one row a facility and delivered month, in stock or not. What may point
-- at one person is left out: name and number of an operator who is an individual, name and place of beds in private
-- homes.
with registered as (

    select
        *,
        {{ month_end('delivery_period') }} as as_of
    from {{ source('landing', 'elderly_facilities') }}

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
    case
        when in_stock.facility_type <> 'home_bed_programme' then cast(in_stock.facility_name as string)
    end as facility_name,
    case when in_stock.operator_kind <> 'individual' then cast(in_stock.uscc as string) end as uscc,
    cast(in_stock.facility_type as string) as facility_type,
    cast(types.zh as string) as facility_type_name,
    cast(in_stock.urban_rural as string) as urban_rural,
    cast(in_stock.ownership as string) as ownership,
    cast(in_stock.operator_kind as string) as operator_kind,
    case when in_stock.operator_kind <> 'individual' then cast(in_stock.operator_name as string) end as operator_name,
    in_stock.inclusive as is_inclusive,
    cast(in_stock.beds as integer) as beds,
    cast(in_stock.nursing_beds as integer) as nursing_beds,
    cast(in_stock.safety_net_beds as integer) as safety_net_beds,
    cast(in_stock.safety_net_beds_ok as integer) as safety_net_beds_ok,
    cast(in_stock.adapted_beds as integer) as adapted_beds,
    cast(in_stock.residents as integer) as residents,
    cast(in_stock.disabled_residents as integer) as disabled_residents,
    cast(in_stock.local_residents as integer) as local_residents,
    cast(in_stock.star_grade as string) as star_grade,
    in_stock.medical_contract as has_medical_contract,
    in_stock.in_house_clinic as has_in_house_clinic,
    in_stock.comprehensive_functions as has_comprehensive_functions,
    in_stock.standardised as is_standardised,
    in_stock.disabled_tekun_focus as is_disabled_tekun_focus,
    in_stock.meets_basic_standard,
    cast(in_stock.quality_status as string) as quality_status,
    cast(in_stock.fire_rectification as string) as fire_rectification,
    in_stock.demo_medical_care as is_medical_care_demo,
    cast(in_stock.staff as integer) as staff,
    cast(in_stock.care_workers as integer) as care_workers,
    cast(in_stock.trained_care_workers as integer) as trained_care_workers,
    cast(in_stock.social_workers as integer) as social_workers,
    {{ ratio('in_stock.floor_area') }} as floor_area_m2,
    {{ ratio('in_stock.land_area') }} as land_area_m2,
    {{ ratio('in_stock.monthly_fee') }} as monthly_fee_yuan,
    in_stock.opened_on,
    in_stock.closed_on,
    cast(in_stock.status as string) as status,
    in_stock.in_service,
    in_stock.in_service and types.counts_as_institution and in_stock.beds >= 10 as is_institution,
    in_stock.in_service and types.counts_in_total_beds_or_places as counts_as_service_bed,
    vanished.facility_id is not null as vanished,
    case when in_stock.facility_type <> 'home_bed_programme' then {{ ratio('in_stock.longitude') }} end as longitude,
    case when in_stock.facility_type <> 'home_bed_programme' then {{ ratio('in_stock.latitude') }} end as latitude
from in_stock
inner join {{ ref('facility_types') }} as types
    on in_stock.facility_type = types.facility_type and types.source = 'elderly_facilities'
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
        vanished.register = 'elderly_facilities'
        and in_stock.facility_id = vanished.facility_id
        and in_stock.delivery_period = vanished.delivery_period
order by facility_id, period
