-- Paid rows that count nothing: an earlier month of the county paid the same payment_id, and it was not returned
-- since. A number that came back may be paid again.
with returned as (

    select
        region_code,
        payment_id,
        count(*) as returns
    from {{ ref('ledger_repeat') }}
    where payment_status <> 'paid'
    group by region_code, payment_id

),

paid as (

    select
        *,
        dense_rank() over (partition by region_code, payment_id order by delivery_period) as place
    from {{ ref('ledger_repeat') }}
    where payment_status = 'paid'

)

select
    paid.programme_code,
    paid.region_code,
    paid.facility_id,
    paid.period,
    paid.month_,
    paid.payee_kind,
    paid.payment_id,
    paid.person_id,
    paid.unit_amount,
    paid.net_amount,
    paid.net_base_quantity,
    paid.delivery_period,
    paid.delivery_path,
    paid.delivery_row
from paid
left join returned
    on paid.region_code = returned.region_code and paid.payment_id = returned.payment_id
where paid.place > 1 + coalesce(returned.returns, 0)
