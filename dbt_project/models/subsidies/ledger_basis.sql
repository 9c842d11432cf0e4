-- What is told of a month paid for: the files of the delivery months that paid for it, and its payments that count for
-- nothing. One row a text and month.
with paid_for as (

    select distinct
        payee_kind,
        period,
        month_,
        delivery_period,
        made_of
    from {{ ref('ledger_entry') }}

)

select
    payee_kind,
    period,
    month_,
    delivery_period || ' ' || made_of as told
from paid_for
union all
select
    payee_kind,
    period,
    month_,
    'repeated ' || {{ joined("delivery_path || ':' || cast(delivery_row as varchar)", ' ') }} as told
from {{ ref('payment_repeated') }}
group by payee_kind, period, month_
