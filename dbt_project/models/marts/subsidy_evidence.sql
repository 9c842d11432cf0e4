-- The rows of register and ledger behind each finding: one row a row of a delivery; payments to persons only as their
-- number and sum by file.
with found as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        register_path,
        register_row
    from {{ ref('subsidy_audit') }}
    where finding <> 'consistent'

),

behind as (

    select
        found.programme_code,
        found.facility_id,
        found.region_code,
        found.period,
        'ledger' as evidence,
        ledger.delivery_path,
        ledger.delivery_row,
        ledger.payment_id,
        ledger.payment_status,
        ledger.unit_amount,
        ledger.amount,
        ledger.entries,
        case when repeated.delivery_path is null then ledger.net_amount else 0 end as counted
    from found
    inner join {{ ref('ledger_entry') }} as ledger
        on
            found.programme_code = ledger.programme_code
            and found.facility_id = ledger.facility_id
            and found.region_code = ledger.region_code
            and found.period = ledger.period
    left join {{ ref('payment_repeated') }} as repeated
        on ledger.delivery_path = repeated.delivery_path and ledger.delivery_row = repeated.delivery_row
    union all
    select
        programme_code,
        facility_id,
        region_code,
        period,
        'register' as evidence,
        register_path as delivery_path,
        register_row as delivery_row,
        null as payment_id,
        null as payment_status,
        null as unit_amount,
        null as amount,
        1 as entries,
        null as counted
    from found
    where register_path is not null

)

select
    cast(programme_code as varchar) as programme_code,
    cast(facility_id as varchar) as facility_id,
    cast(region_code as varchar) as region_code,
    cast(period as varchar) as period,
    cast(evidence as varchar) as evidence,
    cast(delivery_path as varchar) as delivery_path,
    cast(delivery_row as bigint) as row_number,
    cast(entries as integer) as entries,
    cast(payment_id as varchar) as payment_id,
    cast(payment_status as varchar) as payment_status,
    cast(unit_amount as decimal(18, 6)) as unit_amount_yuan,
    {{ money('amount') }} as amount_yuan,
    {{ money('counted') }} as counted_yuan
from behind
order by programme_code, region_code, facility_id, period, evidence, delivery_path, row_number, payment_status
