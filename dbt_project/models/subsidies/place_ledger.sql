-- Facility × year: places registered and subsidised, side by side. A register or ledger that the county did not deliver
-- leaves NULL; a facility that a delivered one does not name has zero.
with register_year as (

    select
        source as register,
        county_code as region_code,
        period,
        last_period as register_month
    from {{ ref('county_delivery') }}

),

-- today's counties that sent a ledger, from the first year on: what was paid once before counts still
ledger_from as (

    select
        region_code as today_code,
        min({{ year_of('delivery_period') }}) as first_year
    from {{ ref('county_month') }}
    where register = 'subsidy_ledger'
    group by region_code

),

-- the county of a year that one of today stands for
county_then as (

    select
        today.today_code,
        county.period,
        county.region_code,
        row_number() over (
            partition by today.today_code, county.period
            order by case when county.region_code = today.today_code then 0 else 1 end, county.region_code asc
        ) as place
    from {{ ref('region_today') }} as today
    inner join {{ ref('region_year') }} as county
        on today.region_code = county.region_code
    where county.level = 'county' and today.today_code is not null

),

-- paid in a year whose registers do not list it
unlisted as (

    select
        paid.subject,
        case paid.subject
            when 'eldercare_beds' then 'elderly_facilities' else 'childcare_facilities'
        end as register,
        paid.facility_id,
        paid.period
    from {{ ref('subsidised_place') }} as paid
    left join {{ ref('registered_place') }} as registered
        on
            paid.subject = registered.subject
            and paid.facility_id = registered.facility_id
            and paid.period = registered.period
    where registered.facility_id is null

),

-- what the registers said of it last, up to the year
last_listed as (

    select
        unlisted.subject,
        unlisted.facility_id,
        unlisted.period,
        listed.region_code as today_code,
        listed.shown_name as unit_name,
        listed.is_closed,
        row_number() over (
            partition by unlisted.subject, unlisted.facility_id, unlisted.period
            order by listed.delivery_period desc, listed.delivery_path asc, listed.delivery_row asc
        ) as place
    from unlisted
    inner join {{ ref('registered_month') }} as listed
        on
            unlisted.facility_id = listed.facility_id
            and unlisted.register = listed.register
            and unlisted.period >= {{ year_of('listed.delivery_period') }}

),

together as (

    select
        coalesce(registered.subject, paid.subject) as subject,
        coalesce(registered.facility_id, paid.facility_id) as facility_id,
        coalesce(registered.period, paid.period) as period,
        coalesce(registered.region_code, county_then.region_code, last_listed.today_code, paid.region_code)
            as region_code,
        coalesce(registered.unit_name, last_listed.unit_name) as unit_name,
        registered.facility_id is not null as is_listed,
        coalesce(registered.is_closed, last_listed.is_closed, false) as is_closed,
        registered.registered,
        paid.facility_id is not null as is_paid,
        paid.subsidised,
        coalesce(paid.missing_quantities, 0) as missing_quantities,
        paid.programme_code
    from {{ ref('registered_place') }} as registered
    full outer join {{ ref('subsidised_place') }} as paid
        on
            registered.subject = paid.subject
            and registered.facility_id = paid.facility_id
            and registered.period = paid.period
    left join last_listed
        on
            paid.subject = last_listed.subject
            and paid.facility_id = last_listed.facility_id
            and paid.period = last_listed.period
            and last_listed.place = 1
    left join county_then
        on
            coalesce(last_listed.today_code, paid.region_code) = county_then.today_code
            and paid.period = county_then.period
            and county_then.place = 1

)

select
    together.subject,
    together.facility_id,
    together.period,
    together.region_code,
    together.unit_name,
    register_year.register_month,
    together.is_listed,
    together.is_closed,
    case
        when together.is_listed then together.registered
        when register_year.register_month is not null then {{ quantity('0') }}
    end as registered,
    case
        when together.is_paid then together.subsidised
        when ledger_from.first_year <= together.period then {{ quantity('0') }}
    end as subsidised,
    together.missing_quantities,
    together.programme_code
from together
left join register_year
    on
        together.region_code = register_year.region_code
        and together.period = register_year.period
        and case together.subject
            when 'eldercare_beds' then 'elderly_facilities' else 'childcare_facilities'
        end = register_year.register
left join {{ ref('region_today') }} as today
    on together.region_code = today.region_code
left join ledger_from
    on coalesce(today.today_code, together.region_code) = ledger_from.today_code
