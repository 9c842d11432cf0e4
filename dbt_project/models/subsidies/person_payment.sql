-- Payments to persons who are not plain (see person_year), and what counts nothing of them: repeated payments, taken
-- off again. One row a payment.
-- depends_on: {{ ref('ledger_told') }} {{ ref('beneficiary_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="year_",
    follows="beneficiary_count",
    batch=1
) }}
select
    ledger.programme_code,
    ledger.region_code,
    persons.year_,
    ledger.month_,
    ledger.period,
    ledger.person_id,
    ledger.facility_id,
    ledger.payment_status,
    ledger.net_amount,
    case when ledger.payment_status = 'paid' then 1 else -1 end as payments,
    false as is_taken_off
from {{ ref('stg_subsidy_ledger') }} as ledger
inner join {{ ref('person_year') }} as persons
    on
        ledger.programme_code = persons.programme_code
        and ledger.region_code = persons.region_code
        and {{ year_of('ledger.month_') }} = persons.year_
        and ledger.person_id = persons.person_id
where
    ledger.delivery_period in ({{ delivered_for(anew()) }})
    and {{ year_of('ledger.month_') }} in ({{ anew() }})
    and ledger.payee_kind = 'person'
    and ledger.payment_status <> 'approved'
    and persons.year_ in ({{ anew() }})
    and not persons.is_plain
union all
select
    programme_code,
    region_code,
    {{ year_of('month_') }} as year_,
    month_,
    period,
    person_id,
    facility_id,
    'paid' as payment_status,
    -net_amount as net_amount,
    -1 as payments,
    true as is_taken_off
from {{ ref('payment_repeated') }}
where payee_kind = 'person' and {{ year_of('month_') }} in ({{ anew() }})
