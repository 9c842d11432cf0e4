-- Due and paid, month by month: institutions that are half full or more are due 50 yuan for every local resident.
with due as (

    select
        'BANAN-S5' as programme_code,
        facility_id,
        delivery_period as period,
        local_residents * 50 as due_amount_yuan
    from {{ ref('home') }}
    where residents * 2 >= beds and local_residents > 0

)

select
    coalesce(due.programme_code, payment.programme_code) as programme_code,
    coalesce(due.facility_id, payment.facility_id) as facility_id,
    coalesce(due.period, payment.period) as period,
    due.due_amount_yuan,
    payment.paid_amount_yuan,
    coalesce(payment.paid_amount_yuan, 0) - coalesce(due.due_amount_yuan, 0) as difference_yuan,
    case
        when due.facility_id is null then 'paid_without_due'
        when payment.facility_id is null then 'due_not_paid'
        when payment.paid_amount_yuan < due.due_amount_yuan then 'underpaid'
        when payment.paid_amount_yuan > due.due_amount_yuan then 'overpaid'
        else 'consistent'
    end as finding
from due
full outer join {{ ref('payment') }} as payment
    on
        due.programme_code = payment.programme_code
        and due.facility_id = payment.facility_id
        and due.period = payment.period
