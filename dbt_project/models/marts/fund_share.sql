-- Shares of governments' funds that the rules speak of (彩票公益金用于养老): rule × region × level of government × year ×
-- purpose, against each document's own denominator. What counts to which side is told by the indicator's measures.
with rules as (

    select
        *,
        cast(limit_amount as decimal(12, 4)) as limit_percent
    from {{ ref('limit_rule') }}
    where rule_kind = 'fund_rule' and indicator_kind = 'ratio'

),

-- another reading of the same rule: the same numerator over another denominator
aside as (

    select
        rules.programme_code,
        min(definitions.variant) as variant,
        min_by(definitions.denominator_measure, definitions.variant) as denominator_measure
    from rules
    inner join {{ ref('indicator_definition') }} as definitions
        on rules.indicator_key = definitions.indicator_key and rules.numerator_measure = definitions.numerator_measure
    where definitions.variant <> rules.variant
    group by rules.programme_code

),

-- the region that a document judges: each county, or the whole of its scope
judged as (

    select
        rules.programme_code,
        bool_or(rows_.scope_unit = 'each_county') as is_each_county
    from rules
    inner join {{ ref('document_rows') }} as rows_
        on '|' || rules.target_ids || '|' like '%|' || rows_.target_id || '|%'
    group by rules.programme_code

),

government_level as (

    select distinct
        level,
        level as government_level
    from {{ ref('government_delivery') }}
    union all
    select distinct
        level,
        '_T' as government_level
    from {{ ref('government_delivery') }}

),

coverage as (

    select
        ancestry.ancestor_code as region_code,
        ancestry.period,
        levels.government_level,
        count(*) as coverage_m,
        count(case when government.is_delivered then 1 end) as coverage_n
    from {{ ref('government_delivery') }} as government
    inner join government_level as levels
        on government.level = levels.level
    inner join {{ ref('region_ancestor') }} as ancestry
        on government.region_code = ancestry.region_code and government.period = ancestry.period
    where government.source = 'fund_ledger'
    group by ancestry.ancestor_code, ancestry.period, levels.government_level

),

-- money booked for a place below the county is the county's
money as (

    select
        ledger.measure_key,
        ancestry.ancestor_code as region_code,
        ledger.period,
        levels.government_level,
        ledger.unit_code as purpose,
        sum(ledger.value) as amount
    from {{ ref('msr_fund_ledger') }} as ledger
    inner join {{ ref('region_year') }} as owner_
        on ledger.region_code = owner_.region_code and ledger.period = owner_.period
    inner join government_level as levels
        on case when owner_.level in ('prefecture', 'province') then owner_.level else 'county' end = levels.level
    inner join {{ ref('region_ancestor') }} as ancestry
        on ledger.region_code = ancestry.region_code and ledger.period = ancestry.period
    group by ledger.measure_key, ancestry.ancestor_code, ledger.period, levels.government_level, ledger.unit_code

),

cells as (

    select
        rules.*,
        regions.region_code,
        regions.region_name,
        regions.level as region_level,
        coverage.period,
        coverage.government_level,
        coverage.coverage_n,
        coverage.coverage_m,
        aside.variant as aside_variant,
        aside.denominator_measure as aside_measure,
        coverage.government_level = '_T'
        and case
            when coalesce(judged.is_each_county, false) then regions.level = 'county'
            else regions.region_code = rules.scope_region
        end as is_judged
    from rules
    inner join {{ ref('region_ancestor') }} as ancestry
        on
            rules.scope_region = ancestry.ancestor_code
            and ancestry.period between rules.first_year and rules.last_year
    inner join {{ ref('region_year') }} as regions
        on ancestry.region_code = regions.region_code and ancestry.period = regions.period
    inner join coverage
        on regions.region_code = coverage.region_code and regions.period = coverage.period
    left join aside
        on rules.programme_code = aside.programme_code
    left join judged
        on rules.programme_code = judged.programme_code

),

-- what each side of the rule holds, purpose by purpose
booked as (

    select
        cells.programme_code,
        cells.region_code,
        cells.period,
        cells.government_level,
        money.purpose,
        sum(case when money.measure_key = cells.numerator_measure then money.amount end) as counted,
        sum(case when money.measure_key = cells.denominator_measure then money.amount end) as spent,
        sum(case when money.measure_key = cells.aside_measure then money.amount end) as aside_amount
    from cells
    inner join money
        on
            cells.region_code = money.region_code
            and cells.period = money.period
            and cells.government_level = money.government_level
    where money.measure_key in (cells.numerator_measure, cells.denominator_measure, cells.aside_measure)
    group by cells.programme_code, cells.region_code, cells.period, cells.government_level, money.purpose

),

-- where a government delivered, no entry is no money
total as (

    select
        cells.programme_code,
        cells.region_code,
        cells.period,
        cells.government_level,
        case when max(cells.coverage_n) > 0 then coalesce(sum(booked.counted), 0) end as counted,
        case when max(cells.coverage_n) > 0 then coalesce(sum(booked.spent), 0) end as spent,
        case
            when max(cells.coverage_n) > 0 and max(cells.aside_measure) is not null
                then coalesce(sum(booked.aside_amount), 0)
        end as aside_amount
    from cells
    left join booked
        on
            cells.programme_code = booked.programme_code
            and cells.region_code = booked.region_code
            and cells.period = booked.period
            and cells.government_level = booked.government_level
    group by cells.programme_code, cells.region_code, cells.period, cells.government_level

),

shown as (

    select
        programme_code,
        region_code,
        period,
        government_level,
        '_T' as purpose,
        cast(null as boolean) as is_counted,
        counted as amount
    from total
    union all
    select
        programme_code,
        region_code,
        period,
        government_level,
        purpose,
        counted is not null as is_counted,
        coalesce(counted, spent) as amount
    from booked
    where purpose <> 'na' and (counted is not null or spent is not null)

),

measured as (

    select
        cells.*,
        shown.purpose,
        shown.is_counted,
        cast(shown.amount as decimal(24, 6)) as amount,
        cast(total.spent as decimal(24, 6)) as denominator,
        cast(total.aside_amount as decimal(24, 6)) as aside_denominator,
        cells.coverage_n >= cells.coverage_m as is_complete,
        {{ ratio('shown.amount') }} * cells.multiplier / nullif({{ ratio('total.spent') }}, 0) as share_percent,
        {{ ratio('shown.amount') }} * cells.multiplier / nullif({{ ratio('total.aside_amount') }}, 0) as aside_percent,
        {{ ratio('total.counted') }} * cells.multiplier / nullif({{ ratio('total.spent') }}, 0) as total_percent
    from cells
    inner join total
        on
            cells.programme_code = total.programme_code
            and cells.region_code = total.region_code
            and cells.period = total.period
            and cells.government_level = total.government_level
    inner join shown
        on
            cells.programme_code = shown.programme_code
            and cells.region_code = shown.region_code
            and cells.period = shown.period
            and cells.government_level = shown.government_level

),

-- outside the indicator's range: withheld, as the indicator's value is (spec §3)
told as (

    select
        *,
        is_complete and coalesce(total_percent < valid_min or total_percent > valid_max, false) as is_withheld
    from measured

),

judged_exactly as (

    select
        *,
        is_complete and not is_withheld and denominator > 0 and purpose = '_T' as is_assessable,
        {{ quantity_that_meets('limit_operator', 'limit_percent * denominator', 'true') }} * cast(0.01 as decimal(3, 2))
            as amount_that_meets,
        {{ is_met('limit_operator', 'amount * 100', 'limit_percent * denominator') }} as is_met
    from told

)

select
    cast(programme_code as string) as programme_code,
    cast(region_code as string) as region_code,
    cast(government_level as string) as government_level,
    cast(period as string) as period,
    cast(purpose as string) as purpose,
    cast(name_zh as string) as programme_name,
    cast(region_name as string) as region_name,
    cast(region_level as string) as region_level,
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    is_counted,
    case when is_complete then {{ money('amount') }} end as amount_yuan,
    case when is_complete then {{ money('denominator') }} end as denominator_yuan,
    case when is_complete and not is_withheld then share_percent end as share_percent,
    cast(limit_operator as string) as limit_operator,
    limit_percent,
    is_judged and purpose = '_T' as is_judged,
    case when is_assessable then is_met end as is_met,
    case
        when is_assessable and is_met then {{ money('0') }}
        when is_assessable then {{ money('abs(amount_that_meets - amount)') }}
    end as shortfall_yuan,
    case when not is_complete then {{ money('amount') }} end as partial_amount_yuan,
    case when not is_complete then {{ money('denominator') }} end as partial_denominator_yuan,
    case when not is_complete then share_percent end as partial_share_percent,
    cast(aside_variant as string) as other_variant,
    case when is_complete then {{ money('aside_denominator') }} end as other_denominator_yuan,
    case when is_complete then aside_percent end as other_share_percent,
    cast(coverage_n as integer) as coverage_n,
    cast(coverage_m as integer) as coverage_m,
    case
        when is_withheld then 'O'
        when is_complete and denominator = 0 then 'M'
        when not is_complete and coverage_n > 0 then 'O'
        when not is_complete then 'L'
        else 'A'
    end as obs_status,
    cast(case
        when is_withheld then 'withheld'
        when is_complete and denominator = 0 then '不适用：没有可作分母的资金'
        when not is_complete and coverage_n > 0
            then '报送不全：' || cast(coverage_n as string) || '/' || cast(coverage_m as string)
        when not is_complete then '未报送'
    end as string) as note
from judged_exactly
order by programme_code, region_code, government_level, period, purpose
