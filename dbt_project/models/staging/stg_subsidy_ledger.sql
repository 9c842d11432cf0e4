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
    -- returned and recovered money deducts, however its sign was written (spec §8); approved money is not yet paid; a
    -- payment counts to the cent, so that any sum of payments is the sum of their cents
    {% for measure, counted in {
        'base_quantity': 'ledger.base_quantity', 'amount': quantity('round(ledger.amount, 2)')
    }.items() %}
    case
        when ledger.payment_status = 'paid' then {{ counted }}
        when ledger.payment_status in ('returned', 'recovered') then -abs({{ counted }})
        else {{ quantity('0') }}
    end as net_{{ measure }},
    {% endfor %}
    -- what the payment is for: once, or a month; a monthly programme's payment that names none is for an unknown one
    case
        when programmes.frequency = 'one_off' then 'once'
        else coalesce(ledger.service_month, 'unknown')
    end as period,
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
