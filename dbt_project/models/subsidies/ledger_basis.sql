-- What is told of a month paid for: the files of the delivery months that paid for it, and its payments that count for
-- nothing. One row a text and month.
with landed as (

    {{ month_files(['subsidy_ledger']) }}

)

select
    paid_for.payee_kind,
    paid_for.period,
    paid_for.month_,
    landed.period || ' ' || landed.made_of as told
from {{ ref('ledger_told') }} as paid_for
inner join landed
    on paid_for.delivery_period = landed.period
union all
select
    payee_kind,
    period,
    month_,
    'repeated ' || {{ joined("delivery_path || ':' || cast(delivery_row as string)", ' ') }} as told
from {{ ref('payment_repeated') }}
group by payee_kind, period, month_
