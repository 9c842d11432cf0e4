-- Deliveries in force: files of which rows (or a nil return) were landed, with the year they speak for.
select
    source,
    period,
    supplier,
    {{ year_of('period') }} as year_
from {{ source('landing', 'delivery') }}
where state in ('landed', 'partly')
