-- Beds and childcare places in stock, by facility and year: each county's latest delivered month of the year, counted
-- as the measures count them. A facility that two counties list in a year stands where it was listed last.
with listed as (

    select
        'eldercare_beds' as subject,
        register.facility_id,
        register.period,
        register.county_code,
        register.delivery_period,
        register.delivery_path,
        {{ shown_name('register') }} as unit_name,
        register.status = 'closed' or coalesce(register.closed_on <= register.as_of, false) as is_closed,
        case when register.counts_as_service_bed then register.beds else 0 end as registered
    from {{ ref('stg_elderly_facilities') }} as register
    union all
    select
        'childcare_places' as subject,
        register.facility_id,
        register.period,
        register.county_code,
        register.delivery_period,
        register.delivery_path,
        {{ shown_name('register') }} as unit_name,
        register.status = 'closed' or coalesce(register.closed_on <= register.as_of, false) as is_closed,
        case when register.in_service then register.places else 0 end as registered
    from {{ ref('stg_childcare_facilities') }} as register

),

ranked as (

    select
        listed.*,
        county.region_code,
        row_number() over (
            partition by listed.subject, listed.facility_id, listed.period
            order by listed.delivery_period desc, listed.delivery_path asc
        ) as place
    from listed
    inner join {{ ref('region_code_year') }} as county
        on listed.county_code = county.delivered_code and listed.period = county.period

)

select
    subject,
    facility_id,
    period,
    region_code,
    delivery_period as register_month,
    unit_name,
    is_closed,
    {{ quantity('registered') }} as registered
from ranked
where place = 1
