-- 表1 “十四五”时期市养老服务主要发展指标 (市“一老一小”整体解决方案)
{{ document_table('dazhou_yilaoyixiao', 'table_1') }}
