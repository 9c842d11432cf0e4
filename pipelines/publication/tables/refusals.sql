select
    source,
    reason,
    count(*) as rows_refused,
    count(distinct path) as files
from ops.quarantine
group by source, reason
order by source, reason
