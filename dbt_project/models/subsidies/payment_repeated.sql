-- Paid rows that count nothing: an earlier month (or an earlier file or row of it) of the county paid the same
-- payment_id, and it was not returned in between. A number that came back may be paid again.
with numbered as (

    select
        *,
        row_number() over (
            partition by region_code, payment_id, payment_status = 'paid'
            order by delivery_period asc, delivery_path asc, delivery_row asc
        ) as place,
        count(case when payment_status <> 'paid' then 1 end) over (partition by region_code, payment_id) as returns
    from {{ ref('ledger_repeat') }}
    where payment_id is not null

)

select
    programme_code,
    region_code,
    facility_id,
    period,
    month_,
    payee_kind,
    payment_id,
    person_key,
    unit_amount,
    net_amount,
    net_base_quantity,
    delivery_period,
    delivery_path,
    delivery_row
from numbered
where payment_status = 'paid' and place > 1 + returns
