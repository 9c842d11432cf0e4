-- What persons paid for a month follow from. Where this is another text, the month is looked at anew.
select
    month_ as period,
    md5({{ joined('told', '; ') }}) as basis
from {{ ref('ledger_basis') }}
where payee_kind = 'person'
group by month_
