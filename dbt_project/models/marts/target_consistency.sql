-- Where targets do not agree: a lower government's weaker than its superior's, two documents of one government, a
-- figure printed twice with different numbers, and a document's own arithmetic (seeds/consistency_rules.csv). One row a
-- comparison, also where it holds.
with targets as (

    select
        rows_.document_key,
        rows_.table_key,
        rows_.row_no,
        rows_.label_zh,
        rows_.indicator_key,
        rows_.variant,
        rows_.scope_region,
        rows_.eval_operator,
        rows_.target_year,
        rows_.target_value,
        rows_.counts_once_with,
        rows_.compare_to,
        -- what can be held against another government's figure: a share or a deed, not a number of beds
        registry.kind not in ('count', 'amount') as is_comparable,
        min(rows_.target_year) over (
            partition by rows_.document_key, rows_.indicator_key, rows_.variant, rows_.compare_to
        ) as first_year,
        max(rows_.target_year) over (
            partition by rows_.document_key, rows_.indicator_key, rows_.variant, rows_.compare_to
        ) as final_year
    from {{ ref('document_rows') }} as rows_
    inner join {{ ref('indicators') }} as registry
        on rows_.indicator_key = registry.indicator_key
    where rows_.row_kind <> 'task' and rows_.target_value is not null and rows_.compare_to <> 'none'

),

latest as (

    select max(period) as period
    from {{ ref('region_year') }}

),

pairs as (

    -- a superior's target against one beneath it, or the two documents of one government, for the same thing and the
    -- same year; an undated target holds for every year
    select
        case when ancestry.depth = 0 then 'two_documents' else 'weaker_than_superior' end as check_kind,
        lower_.*,
        above_.document_key as other_document_key,
        above_.table_key as other_table_key,
        above_.row_no as other_row_no,
        above_.eval_operator as other_operator,
        above_.target_year as other_year,
        above_.target_value as other_value,
        above_.variant as other_variant
    from targets as lower_
    cross join latest
    inner join {{ ref('region_ancestor') }} as ancestry
        on lower_.scope_region = ancestry.region_code and latest.period = ancestry.period
    inner join targets as above_
        on
            ancestry.ancestor_code = above_.scope_region
            and lower_.indicator_key = above_.indicator_key
            and lower_.compare_to = above_.compare_to
            and (
                lower_.target_year = above_.target_year
                or lower_.target_year is null
                or above_.target_year is null
                -- the first year that the one names comes after the last of the other
                or (
                    lower_.target_year > above_.target_year
                    and lower_.target_year = lower_.first_year
                    and above_.target_year = above_.final_year
                )
            )
    where
        lower_.document_key <> above_.document_key
        -- two documents of one government: the later in the alphabet is compared with the earlier, once
        and (
            (ancestry.depth > 0 and lower_.is_comparable)
            or (ancestry.depth = 0 and lower_.document_key > above_.document_key)
        )

),

compared as (

    select
        check_kind,
        document_key || ':' || table_key || ':' || cast(row_no as string) || '/' || other_document_key || ':'
        || other_table_key || ':' || cast(other_row_no as string) as check_key,
        document_key,
        table_key,
        row_no,
        label_zh,
        other_document_key,
        other_table_key,
        other_row_no,
        {{ ratio('target_value') }} as left_value,
        {{ ratio('other_value') }} as right_value,
        case
            when check_kind = 'two_documents' then '='
            -- a superior's strict limit is not met by its own figure
            when other_operator in ('<', '>') and eval_operator <> other_operator then other_operator
            when other_operator in ('<', '<=') then '<='
            else '>='
        end as relation,
        {{ ratio('0') }} as tolerance,
        case
            when variant <> other_variant then '两处口径不同（' || variant || '、' || other_variant || '），数字不直接可比'
        end as hindrance,
        case
            when target_year > other_year then '期限比对方晚：' || target_year || ' 年对 ' || other_year || ' 年'
            when check_kind = 'two_documents' then '同一政府两份文件的数字'
            else '下级目标与上级目标，按上级的方向比较'
        end as statement,
        coalesce(check_kind = 'weaker_than_superior' and target_year > other_year, false) as is_later
    from pairs

    union all

    select
        'printed_twice' as check_kind,
        targets.document_key || ':' || targets.table_key || ':' || cast(targets.row_no as string) || '/'
        || targets.counts_once_with as check_key,
        targets.document_key,
        targets.table_key,
        targets.row_no,
        targets.label_zh,
        other_.document_key as other_document_key,
        other_.table_key as other_table_key,
        other_.row_no as other_row_no,
        {{ ratio('targets.target_value') }} as left_value,
        {{ ratio('other_.target_value') }} as right_value,
        '=' as relation,
        {{ ratio('0') }} as tolerance,
        cast(null as string) as hindrance,
        '同一文件两处所印，只计一次' as statement,
        false as is_later
    from targets
    inner join {{ ref('document_rows') }} as other_
        on
            targets.document_key = other_.document_key
            and targets.counts_once_with = other_.table_key || ':' || cast(other_.row_no as string)

    union all

    select
        rules.check_kind,
        rules.rule_key as check_key,
        rules.document_key,
        sides.table_key,
        sides.row_no,
        rules.label_zh,
        cast(null as string) as other_document_key,
        cast(null as string) as other_table_key,
        cast(null as integer) as other_row_no,
        sides.left_value,
        sides.right_value,
        rules.relation,
        rules.tolerance,
        case when sides.left_value is null or sides.right_value is null then rules.reason_zh end as hindrance,
        rules.reason_zh as statement,
        false as is_later
    from {{ ref('consistency_rules') }} as rules
    inner join {{ ref('consistency_side') }} as sides
        on rules.rule_key = sides.rule_key

)

select
    cast(check_kind as string) as check_kind,
    cast(check_key as string) as check_key,
    cast(document_key as string) as document_key,
    cast(table_key as string) as table_key,
    cast(row_no as integer) as row_no,
    cast(label_zh as string) as label,
    cast(other_document_key as string) as other_document_key,
    cast(other_table_key as string) as other_table_key,
    cast(other_row_no as integer) as other_row_no,
    left_value,
    right_value,
    cast(relation as string) as relation,
    left_value - right_value as difference,
    cast(case
        when hindrance is not null then 'NOT_CHECKABLE'
        when is_later then 'INCONSISTENT'
        when relation = '>=' and left_value >= right_value - tolerance then 'CONSISTENT'
        when relation = '<=' and left_value <= right_value + tolerance then 'CONSISTENT'
        when relation = '>' and left_value > right_value then 'CONSISTENT'
        when relation = '<' and left_value < right_value then 'CONSISTENT'
        when relation = '=' and abs(left_value - right_value) <= tolerance then 'CONSISTENT'
        else 'INCONSISTENT'
    end as string) as finding,
    cast(coalesce(hindrance, statement) as string) as reason
from compared
order by check_kind, check_key
