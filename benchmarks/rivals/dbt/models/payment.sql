-- What was paid, by programme, facility and month that it was paid for; what came back is taken off.
select
    programme_code,
    coalesce(facility_id, '_Z') as facility_id,
    coalesce(service_month, delivery_period) as period,
    sum(case when payment_status = 'paid' then amount else -abs(amount) end) as paid_amount_yuan,
    count(*) as entries
from {{ source('landed', 'subsidy_ledger') }}
group by programme_code, coalesce(facility_id, '_Z'), coalesce(service_month, delivery_period)
