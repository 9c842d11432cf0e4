-- 表1 养老托育服务提升行动指标（息府办发〔2023〕12号）
{{ document_table('xifeng_2023_12', 'table_1') }}
