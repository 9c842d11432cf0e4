-- The rows of register and ledger behind each finding: one row a row of a delivery; payments to persons only as their
-- number and sum by file. What no register can judge, programmes that pay persons, has no rows here.
-- Kept by period, as the audit.
-- depends_on: {{ ref('audit_basis') }}
{{ config(materialized="incremental", on_schema_change="fail", period="period", basis="audit_basis", batch=12) }}
with found as (

    select
        audit.programme_code,
        audit.facility_id,
        audit.region_code,
        audit.period,
        audit.register_path,
        audit.register_row,
        audit.conf_status
    from {{ ref('subsidy_audit') }} as audit
    inner join {{ ref('subsidy_programmes') }} as programmes
        on audit.programme_code = programmes.programme_code and programmes.payee <> 'person'
    where audit.finding <> 'consistent' and {{ among('audit.period') }}

),

-- repeated payments to persons, by file
persons_repeated as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        delivery_path,
        unit_amount,
        sum(net_amount) as net_amount
    from {{ ref('payment_repeated') }}
    where payee_kind = 'person' and period in ({{ anew() }})
    group by programme_code, facility_id, region_code, period, delivery_path, unit_amount

),

behind as (

    select
        found.programme_code,
        found.facility_id,
        found.region_code,
        found.period,
        found.conf_status,
        'ledger' as evidence,
        ledger.delivery_path,
        ledger.delivery_row,
        ledger.payment_id,
        ledger.payment_status,
        ledger.unit_amount,
        ledger.amount,
        ledger.entries,
        case
            when repeated.delivery_path is not null then 0
            else ledger.net_amount - coalesce(persons_repeated.net_amount, 0)
        end as counted
    from found
    inner join {{ ref('ledger_entry') }} as ledger
        on
            found.programme_code = ledger.programme_code
            and found.facility_id = ledger.facility_id
            and found.region_code = ledger.region_code
            and found.period = ledger.period
            and {{ among('ledger.period') }}
    left join {{ ref('payment_repeated') }} as repeated
        on ledger.delivery_path = repeated.delivery_path and ledger.delivery_row = repeated.delivery_row
    left join persons_repeated
        on
            ledger.payee_kind = 'person'
            and ledger.payment_status = 'paid'
            and ledger.net_amount > 0
            and ledger.programme_code = persons_repeated.programme_code
            and ledger.facility_id = persons_repeated.facility_id
            and ledger.region_code = persons_repeated.region_code
            and ledger.period = persons_repeated.period
            and ledger.delivery_path = persons_repeated.delivery_path
            and ledger.unit_amount is not distinct from persons_repeated.unit_amount
    union all
    select
        programme_code,
        facility_id,
        region_code,
        period,
        conf_status,
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
    cast(programme_code as string) as programme_code,
    cast(facility_id as string) as facility_id,
    cast(region_code as string) as region_code,
    cast(period as string) as period,
    cast(evidence as string) as evidence,
    cast(delivery_path as string) as delivery_path,
    cast(delivery_row as bigint) as row_number,
    cast(entries as integer) as entries,
    cast(payment_id as string) as payment_id,
    cast(payment_status as string) as payment_status,
    cast(unit_amount as decimal(18, 6)) as unit_amount_yuan,
    {{ money('amount') }} as amount_yuan,
    {{ money('counted') }} as counted_yuan,
    cast(conf_status as string) as conf_status
from behind
