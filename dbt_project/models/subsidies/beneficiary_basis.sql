-- What the beneficiaries of a month or year are counted from: the files of the delivery months that paid for it, and
-- how many payments counted for nothing. Where this text is another one, the period is counted anew.
with paid_for as (

    select distinct
        month_,
        delivery_period
    from {{ ref('ledger_entry') }}
    where payee_kind = 'person'

),

told as (

    select
        paid_for.month_,
        paid_for.delivery_period || ' ' || landed.digest as told
    from paid_for
    inner join {{ source('landing', 'landed_month') }} as landed
        on landed.register = 'subsidy_ledger' and paid_for.delivery_period = landed.delivery_period
    union all
    select
        month_,
        'repeated ' || cast(count(*) as varchar) as told
    from {{ ref('payment_repeated') }}
    where payee_kind = 'person'
    group by month_

)

select
    month_ as period,
    {{ joined('told', '; ') }} as basis
from told
group by month_
union all
select
    substr(month_, 1, 4) as period,
    {{ joined('told', '; ') }} as basis
from told
group by substr(month_, 1, 4)
