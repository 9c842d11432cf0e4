-- The same indicator side by side across documents: what each prints, by which definition, how far the figures can be
-- compared (seeds/crosswalk.csv), and where each stands in its latest year.
with shared as (

    select
        indicator_key,
        count(distinct document_key) as n_documents
    from {{ ref('document_rows') }}
    where row_kind <> 'task'
    group by indicator_key
    having count(distinct document_key) > 1

),

latest as (

    select
        document_key,
        table_key,
        row_no,
        coalesce(max(case when actual_value is not null then period end), max(period)) as period
    from {{ ref('document_indicator') }}
    group by document_key, table_key, row_no

)

select
    cast(rows_.indicator_key as string) as indicator_key,
    cast(registry.name_zh as string) as indicator_name,
    cast(shared.n_documents as integer) as n_documents,
    cast(coalesce(comparison.comparability, 'not_assessed') as string) as comparability,
    cast(comparison.note as string) as comparability_note,
    rows_.document_key,
    rows_.table_key,
    rows_.row_no,
    rows_.clause,
    rows_.label,
    rows_.unit,
    rows_.region_code,
    rows_.variant,
    cast(case when rows_.variant = 'default' then registry.default_definition else variants.text end as string)
        as definition,
    rows_.baseline_year,
    rows_.baseline_value,
    rows_.baseline_printed,
    rows_.target_year,
    rows_.target_operator,
    rows_.target_value,
    rows_.target_printed,
    cast(rows_.period as string) as actual_period,
    rows_.actual_value,
    rows_.status,
    rows_.counts_once_with
from {{ ref('document_indicator') }} as rows_
inner join latest
    on
        rows_.document_key = latest.document_key
        and rows_.table_key = latest.table_key
        and rows_.row_no = latest.row_no
        and rows_.period = latest.period
inner join shared
    on rows_.indicator_key = shared.indicator_key
inner join {{ ref('indicators') }} as registry
    on rows_.indicator_key = registry.indicator_key
left join {{ ref('indicator_variants') }} as variants
    on rows_.indicator_key = variants.indicator_key and rows_.variant = variants.variant
left join {{ ref('crosswalks') }} as comparison
    on rows_.indicator_key = comparison.indicator_key
order by rows_.indicator_key, rows_.document_key, rows_.table_key, rows_.row_no
