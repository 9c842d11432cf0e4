-- 正文目标 (巴南发改发〔2021〕74号)
{{ document_table('banan_2021_74', 'targets') }}
