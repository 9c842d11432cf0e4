select
    check_kind,
    check_key,
    document_key,
    table_key,
    row_no,
    label,
    other_document_key,
    other_table_key,
    other_row_no,
    left_value,
    relation,
    right_value,
    difference,
    finding,
    reason
from marts.target_consistency
order by check_kind, check_key, document_key, table_key, row_no, other_document_key, other_table_key, other_row_no
