-- Payments of subsidies, one a payment_id and delivery month. Counties stand under today's codes, since a running
-- account outlives a change of codes; facility_id is _Z (not applicable) where a payment to a person names none.
select
    ledger.payment_id,
    ledger.programme_code,
    coalesce(today.today_code, ledger.county_code) as region_code,
    ledger.payee_kind,
    coalesce(ledger.facility_id, '_Z') as facility_id,
    ledger.person_id,
    ledger.base_quantity,
    ledger.unit_amount,
    ledger.amount,
    ledger.payment_status,
    {{ net_of('ledger.payment_status', cents('ledger.amount'), 'abs(' ~ cents('ledger.amount') ~ ')') }} as net_amount,
    {{ net_of(
        'ledger.payment_status',
        'case when ledger.amount < 0 then -abs(ledger.base_quantity) else ledger.base_quantity end',
        'abs(ledger.base_quantity)'
    ) }} as net_base_quantity,
    {{ paid_for('programmes', 'ledger.service_month') }} as period,
    coalesce(ledger.service_month, ledger.delivery_period) as month_,
    ledger.paid_on,
    ledger.delivery_period,
    ledger.delivery_path,
    ledger.delivery_row
from {{ source('landing', 'subsidy_ledger') }} as ledger
left join {{ ref('region_today') }} as today
    on ledger.county_code = today.region_code
left join {{ ref('subsidy_programmes') }} as programmes
    on ledger.programme_code = programmes.programme_code
