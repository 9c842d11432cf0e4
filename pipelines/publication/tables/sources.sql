select
    source,
    title,
    department,
    origin,
    real,
    synthetic,
    cite,
    licence
from ops.origin
order by source
