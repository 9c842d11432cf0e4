-- Every indicator in every definition: the default and its variants, which substitute measures (spec §3). The measure
-- of a milestone is the milestone itself; a rule parameter has no figure of its own and no row here.
with registry as (

    select
        *,
        case when numerator_measure = 'milestone_done' then indicator_key else numerator_measure end as numerator,
        case when compared_with is not null then 'difference' else kind end as computed_as
    from {{ ref('indicators') }}
    where kind <> 'parameter'

),

default_definition as (

    select
        indicator_key,
        'default' as variant,
        computed_as as kind,
        numerator as numerator_measure,
        numerator_addend,
        denominator_measure,
        multiplier,
        value_unit as unit,
        unit as unit_of_extreme,
        threshold_unit,
        replace(threshold_unit_value, 'milestone_done', indicator_key) as threshold_unit_value,
        threshold_operator,
        threshold_value,
        extreme,
        compared_with,
        bulletin_measure,
        valid_min,
        valid_max
    from registry

),

variant_definition as (

    select
        variants.indicator_key,
        variants.variant,
        case
            when variants.threshold_operator is not null or registry.kind = 'threshold_share' then 'threshold_share'
            when variants.denominator_measure is null then 'count'
            else 'ratio'
        end as kind,
        variants.numerator_measure,
        cast(null as string) as numerator_addend,
        variants.denominator_measure,
        variants.multiplier,
        case when variants.threshold_operator is not null then '%' else registry.value_unit end as unit,
        registry.unit as unit_of_extreme,
        coalesce(registry.threshold_unit, listed.grain) as threshold_unit,
        -- the formula asks for the variant's measure where the default's stood
        coalesce(
            replace(registry.threshold_unit_value, registry.numerator_measure, variants.numerator_measure),
            variants.numerator_measure
        ) as threshold_unit_value,
        coalesce(variants.threshold_operator, registry.threshold_operator) as threshold_operator,
        coalesce(variants.threshold_value, registry.threshold_value) as threshold_value,
        coalesce(registry.extreme, 'min') as extreme,
        cast(null as string) as compared_with,
        cast(null as string) as bulletin_measure,
        coalesce(variants.valid_min, registry.valid_min) as valid_min,
        coalesce(variants.valid_max, registry.valid_max) as valid_max
    from {{ ref('indicator_variants') }} as variants
    inner join registry
        on variants.indicator_key = registry.indicator_key
    left join {{ ref('measures') }} as listed
        on variants.denominator_measure = listed.measure_key

)

select
    cast(indicator_key as string) as indicator_key,
    cast(variant as string) as variant,
    cast(kind as string) as kind,
    cast(numerator_measure as string) as numerator_measure,
    cast(numerator_addend as string) as numerator_addend,
    cast(denominator_measure as string) as denominator_measure,
    cast(multiplier as decimal(18, 6)) as multiplier,
    cast(unit as string) as unit,
    cast(unit_of_extreme as string) as unit_of_extreme,
    cast(threshold_unit as string) as threshold_unit,
    cast(threshold_unit_value as string) as threshold_unit_value,
    cast(threshold_operator as string) as threshold_operator,
    cast(threshold_value as double) as threshold_value,
    cast(extreme as string) as extreme,
    cast(compared_with as string) as compared_with,
    cast(bulletin_measure as string) as bulletin_measure,
    cast(valid_min as double) as valid_min,
    cast(valid_max as double) as valid_max
from (
    select * from default_definition
    union all
    select * from variant_definition
) as definitions
order by indicator_key, variant
