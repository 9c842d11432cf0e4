-- Rows of a table that nobody has given headings stand under plain ones: no row of a document goes unshown.
with headed as (

    select
        document_key,
        table_key,
        title_zh as title,
        label_heading,
        unit_heading,
        baseline_heading,
        target_heading,
        attribute_heading,
        responsible_heading
    from reference.document_table

)

select *
from headed
union all
select distinct
    printed.document_key,
    printed.table_key,
    documents.title_zh as title,
    '事项' as label_heading,
    '计量单位' as unit_heading,
    '基期原文' as baseline_heading,
    '目标原文' as target_heading,
    cast(null as varchar) as attribute_heading,
    cast(null as varchar) as responsible_heading
from reference.document_row as printed
inner join reference.document as documents on printed.document_key = documents.document_key
anti join headed on printed.document_key = headed.document_key and printed.table_key = headed.table_key
order by document_key, table_key
