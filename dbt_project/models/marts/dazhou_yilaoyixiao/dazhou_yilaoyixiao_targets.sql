-- 正文目标与现状 (市“一老一小”整体解决方案)
{{ document_table('dazhou_yilaoyixiao', 'targets') }}
