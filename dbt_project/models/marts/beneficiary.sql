-- Persons paid, by programme, region and month or year; each counted once in every region that holds them. Never to be
-- added over months or regions. Regions as far up as the programme reaches.
with ledgers as (

    select
        region_code,
        min(delivery_period) as first_month,
        max(delivery_period) as last_month
    from {{ ref('county_month') }}
    where register = 'subsidy_ledger'
    group by region_code

),

county as (

    select
        above.region_code,
        above.ancestor_code,
        ledgers.first_month,
        ledgers.last_month
    from {{ ref('region_above') }} as above
    inner join {{ ref('region_today') }} as today
        on above.region_code = today.region_code and today.fate = 'valid' and today.today_level = 'county'
    left join ledgers
        on above.region_code = ledgers.region_code

),

counted as (

    select counted.*
    from {{ ref('beneficiary_count') }} as counted
    inner join {{ ref('programme_region') }} as scope
        on counted.programme_code = scope.programme_code and counted.region_code = scope.region_code

),

covered as (

    select
        places.region_code,
        places.period,
        count(county.region_code) as coverage_m,
        count(
            case
                when
                    substr(county.first_month, 1, length(places.period)) <= places.period
                    and county.last_month >= rpad(places.period, 7, '-12')
                    then 1
            end
        ) as coverage_n
    from (
        select distinct
            region_code,
            period
        from counted
    ) as places
    inner join county
        on places.region_code = county.ancestor_code
    group by places.region_code, places.period

)

select
    cast(counted.programme_code as string) as programme_code,
    cast(programmes.name_zh as string) as programme_name,
    cast(counted.region_code as string) as region_code,
    cast(names.today_name as string) as region_name,
    cast(counted.region_level as string) as region_level,
    cast(counted.period as string) as period,
    cast(counted.persons as bigint) as persons,
    cast(counted.payments as bigint) as payments,
    cast(coalesce(covered.coverage_n, 0) as integer) as coverage_n,
    cast(coalesce(covered.coverage_m, 0) as integer) as coverage_m,
    case when counted.persons between 1 and 4 then 'C' else 'F' end as conf_status
from counted
inner join {{ ref('subsidy_programmes') }} as programmes
    on counted.programme_code = programmes.programme_code
left join {{ ref('region_today') }} as names
    on counted.region_code = names.region_code
left join covered
    on counted.region_code = covered.region_code and counted.period = covered.period
