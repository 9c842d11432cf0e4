-- Persons paid, by programme, month and region; each once in every region that holds them.
select
    paid.programme_code,
    ancestor.ancestor_code as region_code,
    paid.service_month as period,
    count(distinct paid.person_id) as persons
from {{ source('landed', 'subsidy_ledger') }} as paid
inner join {{ ref('ancestor') }} as ancestor
    on paid.county_code = ancestor.region_code
where paid.person_id is not null
group by paid.programme_code, ancestor.ancestor_code, paid.service_month
