-- What the subsidy ledgers of a month say of facilities: one row a payment to a facility; payments to persons added up
-- by programme, county, facility, status, sign and unit price of a file.
{{ of_months(['subsidy_ledger']) }}
with delivered as (

    select *
    from {{ ref('stg_subsidy_ledger') }}
    where delivery_period in ({{ changed_months(this, ['subsidy_ledger']) | join(", ") }})

)

select
    delivery_period,
    programme_code,
    region_code,
    facility_id,
    period,
    month_,
    payee_kind,
    payment_status,
    payment_id,
    unit_amount,
    amount,
    net_amount,
    net_base_quantity,
    1 as entries,
    paid_on as first_paid_on,
    paid_on as last_paid_on,
    delivery_path,
    delivery_row
from delivered
where payee_kind = 'facility'
union all
select
    delivery_period,
    programme_code,
    region_code,
    facility_id,
    period,
    month_,
    payee_kind,
    payment_status,
    cast(null as varchar) as payment_id,
    unit_amount,
    sum(amount) as amount,
    sum(net_amount) as net_amount,
    sum(net_base_quantity) as net_base_quantity,
    cast(count(*) as integer) as entries,
    min(paid_on) as first_paid_on,
    max(paid_on) as last_paid_on,
    delivery_path,
    cast(null as bigint) as delivery_row
from delivered
where payee_kind = 'person'
group by
    delivery_period, programme_code, region_code, facility_id, period, month_, payee_kind, payment_status, unit_amount,
    delivery_path, net_amount < 0
