with used as (

    select
        indicator_key,
        variant,
        count(*) as n_rows
    from reference.document_row
    where indicator_key is not null
    group by indicator_key, variant

)

select
    definitions.indicator_key,
    definitions.variant,
    registry.name_zh as indicator_name,
    registry.name_en as indicator_name_en,
    definitions.unit,
    definitions.kind,
    registry.direction,
    registry.decimals,
    case when definitions.variant = 'default' then registry.default_definition else variants.text end as definition,
    registry.assumption,
    registry.formula,
    definitions.numerator_measure,
    definitions.numerator_addend,
    definitions.denominator_measure,
    cast(definitions.multiplier as double) as multiplier,
    definitions.threshold_unit,
    definitions.threshold_operator,
    definitions.threshold_value,
    definitions.extreme as extreme_kind,
    definitions.unit_of_extreme,
    definitions.compared_with,
    definitions.valid_max,
    coalesce(used.n_rows, 0) as document_rows
from reference.indicator_definition as definitions
inner join reference.indicator as registry on definitions.indicator_key = registry.indicator_key
left join reference.indicator_variant as variants
    on definitions.indicator_key = variants.indicator_key and definitions.variant = variants.variant
left join used on definitions.indicator_key = used.indicator_key and definitions.variant = used.variant
order by definitions.indicator_key, definitions.variant <> 'default', definitions.variant
