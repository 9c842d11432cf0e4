select
    documents.document_key,
    documents.title_zh as title,
    documents.issuer_zh as issuer,
    documents.number_zh as number,
    cast(documents.issued_on as varchar) as issued_on,
    documents.scope_region as region_code,
    regions.region_name,
    regions.region_level
from reference.document as documents
inner join published_region as regions
    on documents.scope_region = regions.region_code and regions.period = $year and regions.scope_region = regions.region_code
order by documents.scope_region, documents.document_key
