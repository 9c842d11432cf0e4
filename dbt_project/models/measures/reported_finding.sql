-- What regions' own reports leave open: age bands without the boundary asked for, and an own figure that differs
-- from the sum of the children (the own one stands, spec §2).
with own as (

    select * from {{ ref('msr_population') }}
    union all
    select * from {{ ref('msr_deaths') }}
    union all
    select * from {{ ref('msr_agency_returns') }}

),

children as (

    select
        below.parent_code as region_code,
        below.period,
        measured.measure_key,
        sum(measured.value) as value,
        count(measured.value) as known,
        count(*) as units
    from {{ ref('region_year') }} as below
    inner join {{ ref('measure_value') }} as measured
        on below.region_code = measured.region_code and below.period = measured.period
    where
        measured.measure_key in (select own.measure_key from own)
        and below.region_code <> below.parent_code
        and (below.county_kind <> 'zone' or below.reports_separately)
    group by below.parent_code, below.period, measured.measure_key

),

expected as (

    select
        parent_code as region_code,
        period,
        count(*) as units
    from {{ ref('region_year') }}
    where region_code <> parent_code and (county_kind <> 'zone' or reports_separately)
    group by parent_code, period

)

select
    'parent_child_gap' as finding,
    own.region_code,
    own.period,
    measures.name_zh || '：本级 ' || cast(cast(own.value as bigint) as string) || '，下级合计 '
    || cast(cast(children.value as bigint) as string) as detail
from own
inner join {{ ref('measures') }} as measures
    on own.measure_key = measures.measure_key and measures.additive_over_regions
inner join children
    on
        own.measure_key = children.measure_key
        and own.region_code = children.region_code
        and own.period = children.period
inner join expected
    on children.region_code = expected.region_code and children.period = expected.period
where own.value <> children.value and children.known = expected.units

union all

select
    'band_not_aligned' as finding,
    total.region_code,
    total.period,
    measures.name_zh || '：年龄组没有所需的界限' as detail
from own as total
inner join {{ ref('measures') }} as measures
    on measures.measure_key in ('pop_0_14', 'pop_60plus', 'pop_65plus', 'pop_80plus')
left join own
    on
        measures.measure_key = own.measure_key
        and total.region_code = own.region_code
        and total.period = own.period
where total.measure_key = 'pop_total' and own.measure_key is null
