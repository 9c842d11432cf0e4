-- Beds and childcare places that subsidies were paid for, by facility and year: what is paid once counts from the year
-- of payment on, what is paid again every year in that year only. One place may earn several subsidies, so a facility's
-- figure is the largest of its programmes, not their sum.
with paid as (

    select
        entry_.programme_code,
        programmes.counts_what,
        programmes.frequency,
        entry_.facility_id,
        entry_.region_code,
        entry_.period as paid_for,
        case
            when programmes.frequency = 'one_off' or entry_.period = 'unknown'
                then {{ year_of("coalesce(cast(entry_.first_paid_on as string), entry_.delivery_period)") }}
            else {{ year_of('entry_.period') }}
        end as year_,
        entry_.net_base_quantity,
        entry_.payment_status,
        entry_.delivery_period
    from {{ ref('ledger_entry') }} as entry_
    inner join {{ ref('subsidy_programmes') }} as programmes
        on entry_.programme_code = programmes.programme_code
    left join {{ ref('payment_repeated') }} as repeated
        on entry_.delivery_path = repeated.delivery_path and entry_.delivery_row = repeated.delivery_row
    where
        entry_.payee_kind = 'facility'
        and entry_.payment_status <> 'approved'
        and programmes.counts_what is not null
        and repeated.delivery_row is null

),

-- a payment made month after month is for the same places every month
by_month as (

    select
        paid.programme_code,
        paid.counts_what,
        paid.facility_id,
        years.period,
        max(paid.region_code) as region_code,
        sum(paid.net_base_quantity) as quantity,
        count(case when paid.net_base_quantity is null then 1 end) as missing_quantities
    from paid
    inner join {{ ref('delivered_year') }} as years
        on paid.year_ = years.period or (paid.frequency = 'one_off' and paid.year_ < years.period)
    group by paid.programme_code, paid.counts_what, paid.facility_id, paid.paid_for, years.period

),

by_programme as (

    select
        programme_code,
        counts_what,
        facility_id,
        period,
        max(region_code) as region_code,
        max(quantity) as quantity,
        sum(missing_quantities) as missing_quantities
    from by_month
    group by programme_code, counts_what, facility_id, period

),

ranked as (

    select
        counts_what,
        facility_id,
        period,
        region_code,
        programme_code,
        quantity,
        sum(missing_quantities) over (partition by counts_what, facility_id, period) as missing_quantities,
        row_number() over (
            partition by counts_what, facility_id, period
            order by quantity desc nulls last, programme_code asc
        ) as place
    from by_programme

)

select
    case counts_what when 'beds' then 'eldercare_beds' when 'places' then 'childcare_places' end as subject,
    facility_id,
    period,
    region_code,
    programme_code,
    {{ quantity('quantity') }} as subsidised,
    cast(missing_quantities as integer) as missing_quantities
from ranked
where place = 1
