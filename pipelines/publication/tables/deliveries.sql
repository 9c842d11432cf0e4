select
    deliveries.source,
    deliveries.period,
    deliveries.supplier,
    deliveries.revision,
    deliveries.path,
    deliveries.sha256,
    deliveries.state,
    deliveries.reason,
    counted.delivered as rows_delivered,
    counted.landed as rows_landed,
    counted.quarantined as rows_refused,
    counted.superseded as rows_superseded,
    counted.ignored as rows_ignored
from ops.delivery as deliveries
left join ops.reconciliation as counted on deliveries.path = counted.path
where coalesce(try_cast(substr(deliveries.period, 1, 4) as integer), 0) <= cast($year as integer)
order by deliveries.source, deliveries.period, deliveries.path
