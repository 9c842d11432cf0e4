-- Paid rows that count nothing, since an earlier month (or an earlier file or row of it) paid the same payment_id.
with numbered as (

    select
        *,
        row_number() over (
            partition by payment_id
            order by delivery_period asc, delivery_path asc, delivery_row asc
        ) as place
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
    person_key,
    unit_amount,
    net_amount,
    net_base_quantity,
    delivery_period,
    delivery_path,
    delivery_row
from numbered
where place > 1
