-- How much of what a document's figures wait for was delivered, by document and source
with needed as (

    select distinct
        rows_.document_key,
        rows_.region_code,
        measures.source,
        definitions.indicator_key,
        definitions.variant
    from reference.document_row as printed
    inner join marts.document_indicator as rows_
        on printed.document_key = rows_.document_key and printed.table_key = rows_.table_key
        and printed.row_no = rows_.row_no and rows_.period = $year
    inner join reference.indicator_definition as definitions
        on rows_.indicator_key = definitions.indicator_key and rows_.variant = definitions.variant
    inner join reference.measure as measures
        on measures.measure_key in (definitions.numerator_measure, definitions.denominator_measure)

)

select
    needed.document_key,
    needed.source,
    count(distinct needed.indicator_key || '/' || needed.variant) as indicators,
    count(distinct case when figures.value is not null or figures.obs_status = 'M' then needed.indicator_key || '/' || needed.variant end)
        as indicators_complete,
    min(figures.coverage_n) as coverage_n,
    max(figures.coverage_m) as coverage_m
from needed
left join marts.indicator_value as figures
    on
        needed.indicator_key = figures.indicator_key
        and needed.variant = figures.variant
        and needed.region_code = figures.region_code
        and figures.period = $year
group by needed.document_key, needed.source
order by needed.document_key, needed.source
