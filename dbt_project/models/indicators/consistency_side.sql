-- The two sides of every consistency rule: the sum of its parts over the sum of its bases, from printed figures,
-- constants and measures of the document's region; NULL if any of them is missing. With it the first printed row named.
with term as (

    select
        terms.rule_key,
        terms.side,
        terms.term_no,
        terms.role,
        terms.table_key,
        terms.row_no,
        terms.coefficient * coalesce(
            {{ quantity('terms.constant') }},
            case terms.field
                when 'baseline' then {{ quantity('rows_.baseline_value') }}
                when 'target' then {{ quantity('rows_.target_value') }}
            end,
            measured.value
        ) as term_value
    from {{ ref('consistency_terms') }} as terms
    inner join {{ ref('consistency_rules') }} as rules
        on terms.rule_key = rules.rule_key
    inner join {{ ref('documents') }} as documents
        on rules.document_key = documents.document_key
    left join {{ ref('document_rows') }} as rows_
        on
            rules.document_key = rows_.document_key
            and terms.table_key = rows_.table_key
            and terms.row_no = rows_.row_no
    left join {{ ref('measure_value') }} as measured
        on
            terms.measure_key = measured.measure_key
            and documents.scope_region = measured.region_code
            and terms.period = measured.period

),

summed as (

    select
        rule_key,
        side,
        role,
        case when count(term_value) = count(*) then {{ ratio('sum(term_value)') }} end as value,
        count(*) as n_terms
    from term
    group by rule_key, side, role

),

side_value as (

    select
        part.rule_key,
        part.side,
        case when base.rule_key is null then part.value else part.value / nullif(base.value, 0) end as value
    from summed as part
    left join summed as base
        on part.rule_key = base.rule_key and part.side = base.side and base.role = 'base'
    where part.role = 'part'

),

named as (

    -- the printed row that the rule speaks of: the first on the left, else the first on the right
    select
        rule_key,
        table_key,
        row_no,
        row_number() over (partition by rule_key order by side asc, term_no asc) as turn
    from term
    where row_no is not null

)

select
    left_.rule_key,
    named.table_key,
    named.row_no,
    left_.value as left_value,
    right_.value as right_value
from side_value as left_
left join side_value as right_
    on left_.rule_key = right_.rule_key and right_.side = 'right'
left join named
    on left_.rule_key = named.rule_key and named.turn = 1
where left_.side = 'left'
