-- What became of every code ever registered: the code that stands for it in the newest state of the register, itself if
-- it is still valid, else along single successors (at most six changes). That state is read on the later of the last
-- snapshot's day and the end of the last delivered year, never by the clock.
{% set hops = 6 %}
with days as (

    select cast(max(delivery_period) as date) as day_
    from {{ source('landing', 'regions') }}
    union all
    select max({{ year_end('period') }}) as day_
    from {{ ref('delivered_year') }}

),

newest as (

    select max(day_) as as_of
    from days

),

registered as (

    select
        regions.region_code,
        regions.region_name,
        regions.level,
        newest.as_of,
        trim(both ';' from replace(regions.successor_code, ' ', '')) as successor_code,
        regions.valid_to is null or regions.valid_to > newest.as_of as is_valid,
        row_number() over (
            partition by regions.region_code
            order by coalesce(regions.valid_to, {{ last_date() }}) desc, regions.valid_from desc
        ) as recency
    from {{ ref('stg_regions') }} as regions
    inner join newest
        on regions.valid_from <= newest.as_of

),

latest as (

    select
        region_code,
        region_name,
        level,
        as_of,
        is_valid,
        case when not is_valid then successor_code end as successor_code
    from registered
    where recency = 1

),

followed as (

    select
        latest.region_code,
        latest.as_of,
        latest.is_valid,
        case
            when latest.is_valid then latest.region_code
            {% for hop in range(1, hops + 1) %}
            when step{{ hop }}.is_valid then step{{ hop }}.region_code
            {% endfor %}
        end as today_code,
        -- where the chain ended: the list of successors of the last code that has one
        coalesce(
            {% for hop in range(hops, 0, -1) %}
            step{{ hop }}.successor_code,
            {% endfor %}
            latest.successor_code
        ) as last_successor
    from latest
    {% for hop in range(1, hops + 1) %}
    left join latest as step{{ hop }}
        on {{ "latest" if loop.first else "step%d" % (hop - 1) }}.successor_code = step{{ hop }}.region_code
    {% endfor %}

)

select
    cast(followed.region_code as string) as region_code,
    cast(followed.today_code as string) as today_code,
    cast(today.region_name as string) as today_name,
    cast(today.level as string) as today_level,
    cast(case
        when followed.is_valid then 'valid'
        when followed.today_code is not null then 'succeeded'
        when followed.last_successor like '%;%' then 'split'
        else 'ended'
    end as string) as fate,
    cast(case
        when followed.today_code is null and followed.last_successor like '%;%' then followed.last_successor
    end as string) as split_into,
    followed.as_of
from followed
left join latest as today
    on followed.today_code = today.region_code
order by region_code
