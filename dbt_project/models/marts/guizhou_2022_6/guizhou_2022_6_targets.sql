-- 正文目标 (黔府办发〔2022〕6号)
{{ document_table('guizhou_2022_6', 'targets') }}
