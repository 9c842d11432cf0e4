-- What the beneficiaries of a year and its months are counted from. Where this is another text, they are counted anew.
select
    {{ year_of('period') }} as period,
    md5({{ joined("period || ' ' || basis", '; ') }}) as basis
from {{ ref('person_basis') }}
group by {{ year_of('period') }}
