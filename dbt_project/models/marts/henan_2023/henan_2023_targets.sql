-- 正文目标 (关于促进养老托育服务健康发展的实施意见)
{{ document_table('henan_2023', 'targets') }}
