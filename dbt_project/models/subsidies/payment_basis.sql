-- What the payments for a month, a year, or once are told by. Where this is another text, they are added up anew.
select
    period,
    md5({{ joined("payee_kind || ' ' || month_ || ' ' || told", '; ') }}) as basis
from {{ ref('ledger_basis') }}
group by period
