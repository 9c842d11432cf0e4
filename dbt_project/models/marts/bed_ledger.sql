-- Three ledgers side by side: registered, subsidised and returned beds (childcare places), by facility, county and
-- region above, with what an inspector should ask about. More registered than subsidised is no finding: programmes fund
-- some beds only. A ledger that is missing has no difference.
{% set subjects = {
    'eldercare_beds': {'place': '床位', 'unit': '张'},
    'childcare_places': {'place': '托位', 'unit': '个'}
} %}
{% set differences = {
    'subsidised_over_registered': ['subsidised_minus_registered', '> 0', '补贴', '多于登记'],
    'returned_under_registered': ['returned_minus_registered', '< 0', '报表', '少于名册'],
    'returned_over_registered': ['returned_minus_registered', '> 0', '报表', '多于名册'],
    'subsidised_over_returned': ['subsidised_minus_returned', '> 0', '补贴', '多于报表']
} %}
with unit as (

    select
        subject,
        'facility' as unit_level,
        facility_id as unit_code,
        unit_name,
        region_code,
        period,
        register_month,
        registered,
        subsidised,
        cast(null as decimal(38, 6)) as returned,
        missing_quantities,
        programme_code,
        is_listed,
        is_closed
    from {{ ref('place_ledger') }}
    where coalesce(registered, 0) <> 0 or coalesce(subsidised, 0) <> 0 or missing_quantities > 0
    union all
    select
        regions.subject,
        regions.level as unit_level,
        regions.region_code as unit_code,
        regions.region_name as unit_name,
        regions.region_code,
        regions.period,
        delivered.last_period as register_month,
        regions.registered,
        regions.subsidised,
        regions.returned,
        regions.missing_quantities,
        cast(null as string) as programme_code,
        true as is_listed,
        false as is_closed
    from {{ ref('region_place') }} as regions
    left join {{ ref('county_delivery') }} as delivered
        on
            regions.region_code = delivered.county_code
            and regions.period = delivered.period
            and case regions.subject
                when 'eldercare_beds' then 'elderly_facilities' else 'childcare_facilities'
            end = delivered.source
    where coalesce(regions.registered, regions.subsidised, regions.returned) is not null

),

compared as (

    select
        *,
        subsidised - registered as subsidised_minus_registered,
        returned - registered as returned_minus_registered,
        subsidised - returned as subsidised_minus_returned,
        -- only what is odd: more subsidised than exist, a return that differs from the register
        greatest(
            case when subsidised > registered then subsidised - registered when subsidised <= registered then 0 end,
            abs(returned - registered),
            case when subsidised > returned then subsidised - returned when subsidised <= returned then 0 end
        ) as largest_difference
    from unit

),

judged as (

    select
        *,
        case
            when largest_difference is null then 'not_comparable'
            when largest_difference = 0 then 'consistent'
            when unit_level = 'facility' and is_closed then 'closed_but_subsidised'
            when unit_level = 'facility' and not is_listed then 'not_listed_but_subsidised'
            when unit_level = 'facility' and registered = 0 then 'not_in_stock_but_subsidised'
            {% for finding, told in differences.items() %}
            when {{ told[0] }} {{ told[1] }} and abs({{ told[0] }}) = largest_difference then '{{ finding }}'
            {% endfor %}
        end as finding,
        case subject
            {% for subject, words in subjects.items() %}
            when '{{ subject }}' then '{{ words.place }}'
            {% endfor %}
        end as place,
        case subject
            {% for subject, words in subjects.items() %}
            when '{{ subject }}' then ' {{ words.unit }}'
            {% endfor %}
        end as unit_zh
    from compared

)

select
    cast(subject as string) as subject,
    cast(unit_level as string) as unit_level,
    cast(unit_code as string) as unit_code,
    cast(unit_name as string) as unit_name,
    cast(region_code as string) as region_code,
    cast(period as string) as period,
    cast(register_month as string) as register_month,
    {% for column in ['registered', 'subsidised', 'returned', 'subsidised_minus_registered',
                      'returned_minus_registered', 'subsidised_minus_returned', 'largest_difference'] %}
    {{ quantity(column) }} as {{ column }},
    {% endfor %}
    case
        when largest_difference > 0 then cast(rank() over (
            partition by subject, unit_level, period
            order by largest_difference desc nulls last
        ) as bigint)
    end as rank,
    cast(finding as string) as finding,
    -- the cause first, then every difference with its size, then the ledger that is not there
    cast(nullif(concat_ws(
        '；',
        case finding
            when 'closed_but_subsidised' then '已关停仍有补贴' || place
            when 'not_listed_but_subsidised' then '不在名册仍有补贴' || place
            when 'not_in_stock_but_subsidised' then '暂停、筹建或类型不计' || place || '，仍有补贴'
            when 'consistent' then '未见不符'
        end,
        {% for told in differences.values() %}
        case
            when {{ told[0] }} {{ told[1] }}
                then '{{ told[2] }}' || place || '{{ told[3] }} ' || {{ plain_number('abs(%s)' % told[0]) }} || unit_zh
        end,
        {% endfor %}
        case when registered is null then '未报名册' end,
        case
            when subsidised is null and missing_quantities > 0 then '补贴台账未填数量'
            when subsidised is null then '未报补贴台账'
        end,
        case when returned is null and unit_level <> 'facility' then '未报统计报表' end
    ), '') as string) as finding_name,
    cast(programme_code as string) as programme_code,
    cast(missing_quantities as integer) as missing_quantities,
    registered is not null as is_registered_known,
    subsidised is not null as is_subsidised_known,
    returned is not null as is_returned_known
from judged
order by subject, unit_level, period, rank nulls last, unit_code
