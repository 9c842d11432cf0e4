-- Paid rows that count nothing: an earlier month of the county paid the same payment_id, and it was not returned
-- since. A number that came back may be paid again.
with numbered as (

    select
        *,
        dense_rank() over (
            partition by region_code, payment_id, payment_status = 'paid'
            order by delivery_period
        ) as place,
        count(case when payment_status <> 'paid' then 1 end) over (partition by region_code, payment_id) as returns
    from {{ ref('ledger_repeat') }}

)

select
    programme_code,
    region_code,
    facility_id,
    period,
    month_,
    payee_kind,
    payment_id,
    person_id,
    unit_amount,
    net_amount,
    net_base_quantity,
    delivery_period,
    delivery_path,
    delivery_row
from numbered
where payment_status = 'paid' and place > 1 + returns
