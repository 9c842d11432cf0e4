-- Who was paid, from the subsidy ledgers of a month: one row a programme, county, facility, month paid for and person.
-- payments: those paid less those returned or recovered.
{{ of_months(['subsidy_ledger']) }}
select
    delivery_period,
    programme_code,
    region_code,
    facility_id,
    period,
    month_,
    {{ person_key('person_id') }} as person_key,
    sum(net_amount) as net_amount,
    cast(sum(case when payment_status = 'paid' then 1 else -1 end) as integer) as payments
from {{ ref('stg_subsidy_ledger') }}
where
    delivery_period in ({{ changed_months(this, ['subsidy_ledger']) | join(", ") }})
    and payee_kind = 'person'
    and payment_status <> 'approved'
group by delivery_period, programme_code, region_code, facility_id, period, month_, person_id
