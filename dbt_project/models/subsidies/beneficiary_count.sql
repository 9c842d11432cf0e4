-- Persons paid, by programme, region and month or year: each counted once in every region that holds them. Only periods
-- whose basis changed are counted. Nearly everybody is paid by one county: these add up over regions, and only the
-- others are counted again at each.
-- depends_on: {{ ref('beneficiary_basis') }} {{ ref('person_paid_again') }}
{{ config(
    database='history',
    schema='months',
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_counts(this) }}"
) }}
{% set changed = changed_counts(this) %}
with in_county as (

    select
        programme_code,
        region_code,
        month_ as period,
        person_key,
        payments
    from {{ ref('person_month') }}
    where month_ in ({{ changed.periods | join(", ") }})
    union all
    select
        programme_code,
        region_code,
        substr(month_, 1, 4) as period,
        person_key,
        sum(payments) as payments
    from {{ ref('person_month') }}
    where substr(month_, 1, 4) in ({{ changed.periods | join(", ") }})
    group by programme_code, region_code, substr(month_, 1, 4), person_key

),

persons as (

    select
        programme_code,
        period,
        person_key,
        min(region_code) as region_code,
        count(*) as counties,
        sum(payments) as payments
    from in_county
    group by programme_code, period, person_key

),

of_one as (

    select
        programme_code,
        region_code,
        period,
        count(*) as persons,
        sum(payments) as payments
    from persons
    where counties = 1
    group by programme_code, region_code, period

),

of_several as (

    select in_county.*
    from in_county
    inner join persons
        on
            in_county.programme_code = persons.programme_code
            and in_county.period = persons.period
            and in_county.person_key = persons.person_key
    where persons.counties > 1

),

at_level as (

    select
        of_one.programme_code,
        above.ancestor_code as region_code,
        above.ancestor_level as region_level,
        of_one.period,
        sum(of_one.persons) as persons,
        sum(of_one.payments) as payments
    from of_one
    inner join {{ ref('region_above') }} as above
        on of_one.region_code = above.region_code
    group by of_one.programme_code, above.ancestor_code, above.ancestor_level, of_one.period
    union all
    select
        of_several.programme_code,
        above.ancestor_code as region_code,
        above.ancestor_level as region_level,
        of_several.period,
        count(distinct of_several.person_key) as persons,
        sum(of_several.payments) as payments
    from of_several
    inner join {{ ref('region_above') }} as above
        on of_several.region_code = above.region_code
    group by of_several.programme_code, above.ancestor_code, above.ancestor_level, of_several.period

)

select
    at_level.programme_code,
    at_level.region_code,
    at_level.region_level,
    at_level.period,
    sum(at_level.persons) as persons,
    sum(at_level.payments) as payments,
    basis.basis
from at_level
inner join {{ ref('beneficiary_basis') }} as basis
    on at_level.period = basis.period
group by at_level.programme_code, at_level.region_code, at_level.region_level, at_level.period, basis.basis
union all
-- a period of which nobody kept money was looked at, too
select
    null as programme_code,
    null as region_code,
    null as region_level,
    period,
    null as persons,
    null as payments,
    basis
from {{ ref('beneficiary_basis') }}
where period in ({{ changed.periods | join(", ") }})
