-- Which governments delivered: one row a source that governments answer for themselves (funds; the training bases that
-- prefectures and provinces run), government and year.
with government as (

    select
        period,
        region_code,
        level
    from {{ ref('region_year') }}
    where
        level in ('prefecture', 'province')
        or (level = 'county' and (gbt2260 or (county_kind = 'zone' and reports_separately)))

),

delivered as (

    -- a government delivered if it is itself the supplier or a file above holds a row of it
    select
        'fund_ledger' as source,
        region_code,
        period
    from {{ ref('stg_fund_ledger') }}
    union
    select
        source,
        supplier as region_code,
        year_ as period
    from {{ ref('stg_deliveries') }}
    where source = 'fund_ledger' and state <> 'rejected'
    union
    select
        'agency_returns' as source,
        region_code,
        period
    from {{ ref('msr_agency_returns') }}
    where measure_key = 'ar_training_bases_own' and value is not null

),

asked as (

    select
        'fund_ledger' as source,
        period,
        region_code,
        level,
        true as is_expected
    from government
    union all
    select
        'agency_returns' as source,
        period,
        region_code,
        level,
        level = 'prefecture' as is_expected
    from government

)

select
    asked.source,
    asked.region_code,
    asked.period,
    asked.level,
    asked.is_expected,
    delivered.region_code is not null as is_delivered
from asked
left join delivered
    on
        asked.source = delivered.source
        and asked.region_code = delivered.region_code
        and asked.period = delivered.period
