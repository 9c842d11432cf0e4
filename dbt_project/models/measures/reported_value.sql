-- Measures that regions report about themselves, at every region level: a region's own figure outranks the sum of its
-- children, measure by measure, and in a parent's sum each child enters with the value so found;
-- nobody twice (spec §8).
{% set levels = ['village', 'town', 'county', 'prefecture', 'province', 'nation'] %}

with own as (

    {% for source in ['population', 'deaths', 'agency_returns'] %}
    select
        reported.measure_key,
        reported.region_code,
        reported.period,
        reported.value,
        reported.missing_cells,
        reported.is_not_applicable,
        reported.is_estimated,
        coalesce(measures.grain, 'county') as born_level,
        coalesce(measures.additive_over_regions, true) as is_additive,
        regions.level,
        regions.parent_code,
        case when reported.is_not_applicable then 1 else 0 end as not_applicable_units,
        -- a zone that does not report separately is already in its host county's figures
        (regions.county_kind <> 'zone' or regions.reports_separately) as counts_upward
    from {{ ref('msr_' ~ source) }} as reported
    inner join {{ ref('region_year') }} as regions
        on reported.region_code = regions.region_code and reported.period = regions.period
    left join {{ ref('measures') }} as measures
        on reported.measure_key = measures.measure_key
    {{ "union all" if not loop.last }}
    {% endfor %}

),

expected as (

    select
        period,
        region_code,
        born_level,
        count(*) as coverage_m,
        max(case when region_code = supplier_code then 1 else 0 end) as is_unit
    from {{ ref('region_supplier') }}
    group by period, region_code, born_level

),

{% for level in levels %}
{% if not loop.first %}
children_{{ level }} as (

    select
        below.measure_key,
        below.parent_code as region_code,
        below.period,
        below.born_level,
        sum(below.value) as value,
        sum(below.missing_cells) as missing_cells,
        sum(below.coverage_n) as coverage_n,
        sum(below.not_applicable_units) as not_applicable_units,
        bool_and(below.is_not_applicable) as is_not_applicable,
        bool_or(below.is_estimated) as is_estimated
    from (
        {% for lower in levels[:loop.index0] %}
        select * from settled_{{ lower }}
        {{ "union all" if not loop.last }}
        {% endfor %}
    ) as below
    inner join {{ ref('region_year') }} as parent
        on below.parent_code = parent.region_code and below.period = parent.period and parent.level = '{{ level }}'
    where below.is_additive and below.counts_upward and below.region_code <> below.parent_code
    group by below.measure_key, below.parent_code, below.period, below.born_level

),

{% endif %}
settled_{{ level }} as (

    {% if loop.first %}
    select
        measure_key,
        region_code,
        period,
        value,
        missing_cells,
        is_not_applicable,
        is_estimated,
        born_level,
        is_additive,
        level,
        parent_code,
        not_applicable_units,
        counts_upward,
        0 as coverage_n,
        true as is_own
    from own
    where level = '{{ level }}'
    {% else %}
    select
        regions_own.measure_key,
        regions_own.region_code,
        regions_own.period,
        case when regions_own.is_own then regions_own.own_value else regions_own.children_value end as value,
        case when regions_own.is_own then regions_own.own_missing else regions_own.children_missing end
            as missing_cells,
        regions_own.is_not_applicable,
        regions_own.is_estimated,
        regions_own.born_level,
        regions_own.is_additive,
        regions_own.level,
        regions_own.parent_code,
        case
            when regions_own.is_own then regions_own.own_not_applicable else regions_own.children_not_applicable
        end as not_applicable_units,
        regions_own.counts_upward,
        case
            when regions_own.is_own and coalesce(expected.coverage_m, 0) > 0 then expected.coverage_m
            when coalesce(expected.is_unit, 0) = 1 then 1
            else coalesce(regions_own.children_coverage, 0)
        end as coverage_n,
        regions_own.is_own
    from (
        select
            coalesce(own_.measure_key, below_.measure_key) as measure_key,
            coalesce(own_.region_code, below_.region_code) as region_code,
            coalesce(own_.period, below_.period) as period,
            coalesce(own_.born_level, below_.born_level) as born_level,
            coalesce(own_.is_additive, true) as is_additive,
            place.level,
            place.parent_code,
            (place.county_kind <> 'zone' or place.reports_separately) as counts_upward,
            own_.not_applicable_units as own_not_applicable,
            below_.not_applicable_units as children_not_applicable,
            own_.value as own_value,
            below_.value as children_value,
            own_.missing_cells as own_missing,
            below_.missing_cells as children_missing,
            below_.coverage_n as children_coverage,
            -- an own blank does not outrank; an own 不适用 does
            coalesce(own_.value is not null or own_.is_not_applicable, false)
            or below_.measure_key is null as is_own,
            coalesce(own_.is_not_applicable, below_.is_not_applicable, false) as is_not_applicable,
            case
                when own_.value is not null then own_.is_estimated
                else coalesce(below_.is_estimated, false)
            end as is_estimated
        from (
            select * from own
            where level = '{{ level }}'
        ) as own_
        full outer join children_{{ level }} as below_
            on
                own_.measure_key = below_.measure_key
                and own_.region_code = below_.region_code
                and own_.period = below_.period
        inner join {{ ref('region_year') }} as place
            on
                coalesce(own_.region_code, below_.region_code) = place.region_code
                and coalesce(own_.period, below_.period) = place.period
    ) as regions_own
    left join expected
        on
            regions_own.region_code = expected.region_code
            and regions_own.period = expected.period
            and regions_own.born_level = expected.born_level
    {% endif %}

){{ "," if not loop.last }}

{% endfor %}

select
    settled.measure_key,
    settled.region_code,
    settled.period,
    {{ quantity('settled.value') }} as observed_value,
    {{ quantity('settled.missing_cells') }} as missing_cells,
    settled.coverage_n,
    -- a unit that nothing is expected of (a functional zone within its county's figures) speaks for itself
    greatest(coalesce(expected.coverage_m, 0), settled.coverage_n) as coverage_m,
    settled.is_estimated,
    false as is_stale,
    settled.is_not_applicable,
    settled.not_applicable_units
from (
    {% for level in levels %}
    select * from settled_{{ level }}
    {{ "union all" if not loop.last }}
    {% endfor %}
) as settled
left join expected
    on
        settled.region_code = expected.region_code
        and settled.period = expected.period
        and settled.born_level = expected.born_level
