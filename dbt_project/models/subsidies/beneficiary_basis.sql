-- What the beneficiaries of a month or year are counted from. Where this is another text, the period is counted anew.
select
    month_ as period,
    md5({{ joined('told', '; ') }}) as basis
from {{ ref('ledger_basis') }}
where payee_kind = 'person'
group by month_
union all
select
    substr(month_, 1, 4) as period,
    md5({{ joined("month_ || ' ' || told", '; ') }}) as basis
from {{ ref('ledger_basis') }}
where payee_kind = 'person'
group by substr(month_, 1, 4)
