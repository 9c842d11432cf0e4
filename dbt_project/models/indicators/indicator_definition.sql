-- Every indicator in every definition: the default and its variants, which substitute measures (spec §3).
with default_definition as (

    select
        indicator_key,
        'default' as variant,
        kind,
        numerator_measure,
        denominator_measure,
        multiplier,
        threshold_unit_value,
        threshold_operator,
        threshold_value,
        extreme,
        valid_min,
        valid_max
    from {{ ref('indicators') }}

),

variant_definition as (

    select
        variants.indicator_key,
        variants.variant,
        case
            when indicators.kind = 'threshold_share' then 'threshold_share'
            when variants.denominator_measure is null then 'count'
            else 'ratio'
        end as kind,
        variants.numerator_measure,
        variants.denominator_measure,
        variants.multiplier,
        indicators.threshold_unit_value,
        coalesce(variants.threshold_operator, indicators.threshold_operator) as threshold_operator,
        coalesce(variants.threshold_value, indicators.threshold_value) as threshold_value,
        indicators.extreme,
        coalesce(variants.valid_min, indicators.valid_min) as valid_min,
        coalesce(variants.valid_max, indicators.valid_max) as valid_max
    from {{ ref('indicator_variants') }} as variants
    inner join {{ ref('indicators') }} as indicators
        on variants.indicator_key = indicators.indicator_key

)

select * from default_definition
union all
select * from variant_definition
