-- 附件1 养老托育服务健康发展主要指标 (巴南发改发〔2021〕74号)
{{ document_table('banan_2021_74', 'annex_1', classified=true) }}
