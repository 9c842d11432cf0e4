-- Rules that set a limit instead of paying (shares and sums of funds, caps of fees), each with the definition of the
-- indicator that it looks at and the first and last year it asks about: one row a rule.
select
    programmes.programme_code,
    programmes.kind as rule_kind,
    programmes.name_zh,
    programmes.scope_region,
    programmes.target_ids,
    programmes.indicator_key,
    programmes.variant,
    programmes.limit_operator,
    programmes.unit_amount as limit_amount,
    programmes.valid_from is not null as is_dated,
    coalesce({{ year_of('cast(programmes.valid_from as string)') }}, '0000') as first_year,
    coalesce({{ year_of('cast(programmes.valid_to as string)') }}, '9999') as last_year,
    definitions.kind as indicator_kind,
    definitions.numerator_measure,
    definitions.denominator_measure,
    definitions.multiplier,
    definitions.valid_min,
    definitions.valid_max,
    definitions.threshold_unit_value
from {{ ref('subsidy_programmes') }} as programmes
inner join {{ ref('indicator_definition') }} as definitions
    on programmes.indicator_key = definitions.indicator_key and programmes.variant = definitions.variant
where programmes.kind in ('fund_rule', 'price_rule')
