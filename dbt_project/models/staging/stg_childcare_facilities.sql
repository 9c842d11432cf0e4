-- Childcare facilities: each county's latest delivered month of the year.
with source as (

    select *
    from {{ source('landing', 'childcare_facilities') }}
    -- the months that are some county's last: what is known of the others' files is enough to leave them unread
    where delivery_period in (
        select delivered.last_period from {{ ref('county_delivery') }} as delivered
        where delivered.source = 'childcare_facilities'
        group by delivered.last_period
    )

),

latest as (

    select
        source.*,
        county_delivery.period,
        town_code.region_code,
        {{ month_end('source.delivery_period') }} as as_of
    from source
    inner join {{ ref('region_code_year') }} as county_code
        on
            source.county_code = county_code.delivered_code
            and {{ year_of('source.delivery_period') }} = county_code.period
    inner join {{ ref('region_code_year') }} as town_code
        on
            source.town_code = town_code.delivered_code
            and {{ year_of('source.delivery_period') }} = town_code.period
    inner join {{ ref('county_delivery') }} as county_delivery
        on
            county_delivery.source = 'childcare_facilities'
            and county_code.region_code = county_delivery.county_code
            and source.delivery_period = county_delivery.last_period

),

in_stock as (

    select
        *,
        {{ in_service() }} as in_service
    from latest

)

select
    in_stock.*,
    town.town_kind,
    community.community_type,
    in_stock.in_service and types.counts_as_institution as is_institution
from in_stock
inner join {{ ref('facility_types') }} as types
    on in_stock.facility_type = types.facility_type and types.source = 'childcare_facilities'
left join {{ ref('region_year') }} as town
    on in_stock.region_code = town.region_code and in_stock.period = town.period
left join {{ ref('stg_communities') }} as community
    on in_stock.community_code = community.community_code and in_stock.period = community.period
