select
    persons.programme_code,
    persons.programme_name,
    persons.region_code,
    persons.region_name,
    persons.region_level,
    persons.period,
    persons.persons,
    persons.payments,
    persons.coverage_n,
    persons.coverage_m,
    persons.conf_status
from marts.beneficiary as persons
semi join published_region as regions
    on persons.region_code = regions.region_code and substr(persons.period, 1, 4) = regions.period
order by persons.programme_code, persons.region_code, persons.period
