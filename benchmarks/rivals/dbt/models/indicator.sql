-- Ten ratios of every region and year, sum over sum.
with definition as (

    {% for key, numerator, denominator, multiplier in [
        ('nursing_bed_share', 'inst_nursing_beds', 'inst_beds', 100),
        ('inclusive_bed_share', 'inclusive_inst_beds', 'inst_beds', 100),
        ('institution_star1_share', 'inst_star1plus', 'inst_count', 100),
        ('childcare_places_per_1000', 'childcare_places', 'pop_total', 1000),
        ('childcare_private_share', 'childcare_inst_private', 'childcare_inst', 100),
        ('population_60plus_share', 'pop_60plus', 'pop_total', 100),
        ('population_65plus_share', 'pop_65plus', 'pop_total', 100),
        ('home_community_service_coverage', 'comm_home_service', 'comm_all', 100),
        ('visit_system_coverage', 'comm_visit_system', 'comm_all', 100),
        ('community_daycare_coverage', 'comm_daycare', 'comm_citytown', 100)] %}
    select
        '{{ key }}' as indicator_key,
        '{{ numerator }}' as numerator_measure,
        '{{ denominator }}' as denominator_measure,
        {{ multiplier }} as multiplier
    {{ "union all" if not loop.last }}
    {% endfor %}

),

cell as (

    select
        definition.indicator_key,
        definition.numerator_measure,
        definition.denominator_measure,
        definition.multiplier,
        people.region_code,
        people.period
    from definition
    cross join {{ ref('region_measure') }} as people
    where people.measure_key = 'pop_total'

)

select
    cell.indicator_key,
    cell.region_code,
    cell.period,
    cast(coalesce(numerator.value, 0) as double precision) as numerator,
    cast(coalesce(denominator.value, 0) as double precision) as denominator,
    cast(coalesce(numerator.value, 0) as double precision) * cell.multiplier
    / nullif(cast(coalesce(denominator.value, 0) as double precision), 0) as value
from cell
left join {{ ref('region_measure') }} as numerator
    on
        cell.numerator_measure = numerator.measure_key
        and cell.region_code = numerator.region_code
        and cell.period = numerator.period
left join {{ ref('region_measure') }} as denominator
    on
        cell.denominator_measure = denominator.measure_key
        and cell.region_code = denominator.region_code
        and cell.period = denominator.period
