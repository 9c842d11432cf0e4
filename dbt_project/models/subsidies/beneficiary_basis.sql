-- What the beneficiaries of a year and its months are counted from. Where this is another text, they are counted anew.
select
    {{ year_of('month_') }} as period,
    md5({{ joined("month_ || ' ' || told", '; ') }}) as basis
from {{ ref('ledger_basis') }}
where payee_kind = 'person'
group by {{ year_of('month_') }}
