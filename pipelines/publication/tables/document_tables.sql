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
order by document_key, table_key
