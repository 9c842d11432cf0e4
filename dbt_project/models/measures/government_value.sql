-- Measures of governments: a region's figure is that of its own government and of every one beneath it, each told by
-- its own rows (spec §8, funds: expected suppliers are all governments at or beneath the region).
with told as (

    -- the money of every government
    select
        measure_key,
        region_code,
        period,
        value,
        missing_cells
    from {{ ref('msr_fund_ledger') }}
    union all
    -- the bases that prefectures and provinces run themselves
    select
        'training_bases_own_total' as measure_key,
        region_code,
        period,
        value,
        missing_cells
    from {{ ref('msr_agency_returns') }}
    where measure_key = 'ar_training_bases_own'

),

registered as (

    select
        measure_key,
        source,
        grain
    from {{ ref('measures') }}
    where source = 'fund_ledger' or measure_key = 'training_bases_own_total'

),

expected as (

    select
        government.source,
        ancestry.ancestor_code as region_code,
        government.period,
        count(case when government.is_expected then 1 end) as coverage_m,
        count(case when government.is_expected and government.is_delivered then 1 end) as coverage_n,
        count(case when government.is_delivered then 1 end) as delivering
    from {{ ref('government_delivery') }} as government
    inner join {{ ref('region_ancestor') }} as ancestry
        on government.region_code = ancestry.region_code and government.period = ancestry.period
    group by government.source, ancestry.ancestor_code, government.period

),

summed as (

    select
        told.measure_key,
        ancestry.ancestor_code as region_code,
        told.period,
        sum(told.value) as value,
        sum(told.missing_cells) as missing_cells
    from told
    inner join {{ ref('region_ancestor') }} as ancestry
        on told.region_code = ancestry.region_code and told.period = ancestry.period
    group by told.measure_key, ancestry.ancestor_code, told.period

)

select
    registered.measure_key,
    expected.region_code,
    expected.period,
    case when summed.measure_key is null then {{ quantity('0') }} else summed.value end as observed_value,
    coalesce(summed.missing_cells, {{ quantity('0') }}) as missing_cells,
    expected.coverage_n,
    expected.coverage_m,
    false as is_estimated,
    false as is_stale,
    false as is_not_applicable,
    0 as not_applicable_units
from registered
inner join expected
    on registered.source = expected.source
left join summed
    on
        registered.measure_key = summed.measure_key
        and expected.region_code = summed.region_code
        and expected.period = summed.period
where expected.delivering > 0 or expected.coverage_m = 0
