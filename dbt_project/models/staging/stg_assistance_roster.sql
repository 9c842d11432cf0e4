-- Persons on the assistance rolls: each county's latest delivered month of the year. Identifiers are keyed hashes.
with source as (

    select *
    from {{ source('landing', 'assistance_roster') }}
    -- the months that are some county's last: what is known of the others' files is enough to leave them unread
    where delivery_period in (
        select delivered.last_period from {{ ref('county_delivery') }} as delivered
        where delivered.source = 'assistance_roster'
        group by delivered.last_period
    )

),

latest as (

    select
        source.*,
        county_delivery.period,
        coalesce(town_code.region_code, county_code.region_code) as region_code,
        {{ month_end('source.delivery_period') }} as as_of
    from source
    inner join {{ ref('region_code_year') }} as county_code
        on
            source.county_code = county_code.delivered_code
            and {{ year_of('source.delivery_period') }} = county_code.period
    left join {{ ref('region_code_year') }} as town_code
        on
            source.town_code = town_code.delivered_code
            and {{ year_of('source.delivery_period') }} = town_code.period
    inner join {{ ref('county_delivery') }} as county_delivery
        on
            county_delivery.source = 'assistance_roster'
            and county_code.region_code = county_delivery.county_code
            and source.delivery_period = county_delivery.last_period

)

select
    person_id,
    period,
    as_of,
    county_code,
    town_code,
    region_code,
    coalesce(household_id, person_id) as household_key,
    assistance_kind,
    self_care,
    disability,
    support_mode,
    basic_service,
    home_adapted_on,
    eligible,
    wants_centralised,
    -- completed years; birth_date is the first day of the birth month
    year(as_of) - year(birth_date) - case when month(as_of) < month(birth_date) then 1 else 0 end as age,
    (joined_on is null or joined_on <= as_of) and (left_on is null or left_on > as_of) as on_roster,
    delivery_path,
    delivery_row
from latest
