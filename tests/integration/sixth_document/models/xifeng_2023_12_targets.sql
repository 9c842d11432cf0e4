-- 正文所列目标（息府办发〔2023〕12号）
{{ document_table('xifeng_2023_12', 'targets') }}
