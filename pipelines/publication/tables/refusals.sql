select
    refused.source,
    refused.reason,
    count(*) as rows_refused,
    count(distinct refused.path) as files
from ops.quarantine as refused
inner join ops.delivery as deliveries on refused.path = deliveries.path
where coalesce(try_cast(substr(deliveries.period, 1, 4) as integer), 0) <= cast($year as integer)
group by refused.source, refused.reason
order by refused.source, refused.reason
