-- Fees of inclusive care homes against the caps of the rules (普惠养老机构收费): rule × facility × year, by the fee in the
-- county's latest delivered month, as the indicator has it. Reference: the county's, else the prefecture's.
with rules as (

    select
        *,
        cast(limit_amount as decimal(12, 4)) as limit_percent,
        -- what a month's fee is held against, as the indicator's formula names it
        case
            when threshold_unit_value like '%ar_urban_disposable_income%' then 'income'
            when threshold_unit_value like '%market_fee_beds%' then 'market'
        end as reference_kind
    from {{ ref('limit_rule') }}
    where rule_kind = 'price_rule'

),

-- a month's reference is total / divisor: a year's income over 12 months, fees over beds
reference_ as (

    select
        'income' as reference_kind,
        region_code,
        period,
        value as total,
        cast(12 as decimal(12, 0)) as divisor
    from {{ ref('measure_value') }}
    where measure_key = 'ar_urban_disposable_income' and value > 0
    union all
    select
        'market' as reference_kind,
        fees.region_code,
        fees.period,
        fees.value as total,
        cast(beds.value as decimal(12, 0)) as divisor
    from {{ ref('measure_value') }} as fees
    inner join {{ ref('measure_value') }} as beds
        on fees.region_code = beds.region_code and fees.period = beds.period and beds.measure_key = 'market_beds'
    where fees.measure_key = 'market_fee_beds' and fees.value > 0 and beds.value > 0

),

-- a zone may lie within a county and be of its level
nearest_county as (

    select
        region_code,
        period,
        ancestor_code,
        row_number() over (partition by region_code, period order by depth) as nearness
    from {{ ref('region_ancestor') }}
    where ancestor_level = 'county'

),

homes as (

    select
        rules.*,
        facilities.facility_id,
        facilities.facility_name,
        facilities.period,
        facilities.delivery_period as register_month,
        facilities.delivery_path,
        facilities.delivery_row,
        facilities.beds,
        facilities.residents,
        county.ancestor_code as county_code,
        prefecture.ancestor_code as prefecture_code,
        cast(facilities.monthly_fee as decimal(14, 6)) as fee
    from rules
    inner join {{ ref('stg_elderly_facilities') }} as facilities
        on facilities.period between rules.first_year and rules.last_year
    inner join {{ ref('region_ancestor') }} as scope
        on
            facilities.region_code = scope.region_code
            and facilities.period = scope.period
            and rules.scope_region = scope.ancestor_code
    left join nearest_county as county
        on
            facilities.region_code = county.region_code
            and facilities.period = county.period
            and county.nearness = 1
    left join {{ ref('region_ancestor') }} as prefecture
        on
            facilities.region_code = prefecture.region_code
            and facilities.period = prefecture.period
            and prefecture.ancestor_level = 'prefecture'
    where facilities.is_institution and facilities.inclusive

),

referred as (

    select
        homes.*,
        regions.region_name,
        coalesce(own_.region_code, above.region_code) as reference_region_code,
        case
            when own_.region_code is not null then 'county'
            when above.region_code is not null then 'prefecture'
        end as reference_region_level,
        cast(coalesce(own_.total, above.total) as decimal(20, 6)) as total,
        coalesce(own_.divisor, above.divisor) as divisor
    from homes
    left join {{ ref('region_year') }} as regions
        on homes.county_code = regions.region_code and homes.period = regions.period
    left join reference_ as own_
        on
            homes.reference_kind = own_.reference_kind
            and homes.county_code = own_.region_code
            and homes.period = own_.period
    left join reference_ as above
        on
            homes.reference_kind = above.reference_kind
            and homes.prefecture_code = above.region_code
            and homes.period = above.period

),

capped as (

    select
        *,
        fee > 0 and total is not null as is_assessable,
        {{ is_met('limit_operator', 'fee * divisor * 100', 'limit_percent * total') }} as is_within,
        {{ ratio('fee') }} * 100 / ({{ ratio('total') }} / {{ ratio('divisor') }}) as ratio_percent,
        -- whole cents: limit / 100 × total / divisor, in yuan, is limit × total / divisor in cents
        {{ whole_quotient('limit_percent * total', 'divisor') }} * cast(0.01 as decimal(3, 2)) as cap,
        {{ whole_quotient('total * 200 + divisor', 'divisor * 2') }} * cast(0.01 as decimal(3, 2)) as reference_fee
    from referred

)

select
    cast(programme_code as string) as programme_code,
    cast(facility_id as string) as facility_id,
    cast(county_code as string) as region_code,
    cast(period as string) as period,
    cast(name_zh as string) as programme_name,
    cast(region_name as string) as region_name,
    cast(facility_name as string) as facility_name,
    cast(register_month as string) as register_month,
    cast(beds as integer) as beds,
    cast(residents as integer) as residents,
    case when residents between 1 and 4 then 'C' else 'F' end as conf_status,
    {{ money('fee') }} as monthly_fee_yuan,
    cast(reference_kind as string) as reference_kind,
    cast(reference_region_code as string) as reference_region_code,
    cast(reference_region_level as string) as reference_region_level,
    {{ money('total') }} as reference_total_yuan,
    divisor as reference_divisor,
    {{ money('reference_fee') }} as reference_monthly_yuan,
    case when is_assessable then ratio_percent end as ratio_percent,
    cast(limit_operator as string) as limit_operator,
    limit_percent,
    {{ money('cap') }} as cap_yuan,
    case when is_assessable then is_within end as is_met,
    case
        when is_assessable and is_within then {{ money('0') }}
        when is_assessable then cast({{ money('fee') }} - {{ money('cap') }} as decimal(18, 2))
    end as excess_yuan,
    coalesce(is_assessable and is_dated and not is_within, false) as is_breach,
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    cast(case
        when fee is null then '未填月收费'
        when not fee > 0 then '月收费为 0，不在规则之内'
        when total is null and reference_kind = 'income' then '所在县和所在市都没有城镇居民人均可支配收入'
        when total is null then '所在县和所在市都没有市场化养老机构的收费'
        when not is_within and not is_dated then '文件没有规定期限：列出，不算违反'
    end as string) as note,
    cast(delivery_path as string) as register_path,
    cast(delivery_row as bigint) as register_row
from capped
order by programme_code, facility_id, region_code, period
