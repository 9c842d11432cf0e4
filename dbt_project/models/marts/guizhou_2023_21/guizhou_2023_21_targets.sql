-- 正文目标 (黔府办发〔2023〕21号)
{{ document_table('guizhou_2023_21', 'targets') }}
