-- Least sums that rules want in each county's annual budget: rule × county (or zone that reports separately) × year ×
-- purpose. A budget not delivered is unknown; one delivered without such an entry is 0.
with rules as (

    select
        *,
        cast(limit_amount as decimal(18, 2)) as minimum
    from {{ ref('limit_rule') }}
    where rule_kind = 'fund_rule' and indicator_kind = 'threshold_share'

),

excepted as (

    select distinct
        rules.programme_code,
        rows_.unit_exclude
    from rules
    inner join {{ ref('document_rows') }} as rows_
        on '|' || rules.target_ids || '|' like '%|' || rows_.target_id || '|%'
    where rows_.unit_exclude is not null

),

county as (

    select
        rules.*,
        regions.region_code,
        regions.region_name,
        regions.period,
        coalesce(delivery.is_delivered, false) as is_delivered
    from rules
    inner join {{ ref('unit_measure') }} as units
        on
            rules.denominator_measure = units.measure_key
            and units.period between rules.first_year and rules.last_year
    inner join {{ ref('region_ancestor') }} as ancestry
        on
            units.region_code = ancestry.region_code
            and units.period = ancestry.period
            and rules.scope_region = ancestry.ancestor_code
    inner join {{ ref('region_year') }} as regions
        on units.region_code = regions.region_code and units.period = regions.period
    left join {{ ref('government_delivery') }} as delivery
        on
            delivery.source = 'fund_ledger'
            and regions.region_code = delivery.region_code
            and regions.period = delivery.period
    left join excepted
        on
            rules.programme_code = excepted.programme_code
            and '|' || excepted.unit_exclude || '|' like '%|' || regions.region_code || '|%'
    where excepted.programme_code is null

),

booked as (

    select
        county.programme_code,
        county.region_code,
        county.period,
        ledger.unit_code as purpose,
        sum(ledger.value) as budget
    from county
    inner join {{ ref('region_ancestor') }} as ancestry
        on county.region_code = ancestry.ancestor_code and county.period = ancestry.period
    inner join {{ ref('msr_fund_ledger') }} as ledger
        on
            ancestry.region_code = ledger.region_code
            and ancestry.period = ledger.period
            and county.numerator_measure = ledger.measure_key
    where county.is_delivered
    group by county.programme_code, county.region_code, county.period, ledger.unit_code

),

shown as (

    select
        county.programme_code,
        county.region_code,
        county.period,
        '_T' as purpose,
        case when county.is_delivered then coalesce(sum(booked.budget), 0) end as budget
    from county
    left join booked
        on
            county.programme_code = booked.programme_code
            and county.region_code = booked.region_code
            and county.period = booked.period
    group by county.programme_code, county.region_code, county.period, county.is_delivered
    union all
    select
        programme_code,
        region_code,
        period,
        purpose,
        budget
    from booked

),

judged as (

    select
        county.*,
        shown.purpose,
        shown.budget,
        case when shown.purpose = '_T' then {{ is_met('county.limit_operator', 'shown.budget', 'county.minimum') }} end
            as is_met
    from county
    inner join shown
        on
            county.programme_code = shown.programme_code
            and county.region_code = shown.region_code
            and county.period = shown.period

)

select
    cast(programme_code as string) as programme_code,
    cast(region_code as string) as region_code,
    cast(period as string) as period,
    cast(purpose as string) as purpose,
    cast(name_zh as string) as programme_name,
    cast(region_name as string) as region_name,
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    {{ money('budget') }} as budget_yuan,
    cast(limit_operator as string) as limit_operator,
    case when purpose = '_T' then minimum end as minimum_yuan,
    is_met,
    case when is_met then {{ money('0') }} when not is_met then {{ money('minimum - budget') }} end as shortfall_yuan,
    case when is_delivered then 'A' else 'L' end as obs_status,
    cast(case
        when not is_delivered then '未报送'
        when purpose = '_T' and budget = 0 then '已报送，没有这项预算'
    end as string) as note
from judged
order by programme_code, region_code, period, purpose
