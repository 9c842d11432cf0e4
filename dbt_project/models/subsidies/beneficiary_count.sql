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
with in_year as (

    select
        programme_code,
        substr(month_, 1, 4) as year_,
        person_key,
        min(region_code) as region_code,
        max(region_code) as other_code,
        sum(payments) as payments
    from {{ ref('person_month') }}
    group by programme_code, substr(month_, 1, 4), person_key

),

-- persons whom several counties paid in a year
moving as (

    select
        programme_code,
        year_,
        person_key
    from in_year
    where region_code <> other_code

),

of_one as (

    select
        paid.programme_code,
        paid.region_code,
        paid.month_ as period,
        count(*) as persons,
        sum(paid.payments) as payments
    from {{ ref('person_month') }} as paid
    left join moving
        on
            paid.programme_code = moving.programme_code
            and substr(paid.month_, 1, 4) = moving.year_
            and paid.person_key = moving.person_key
    where moving.person_key is null
    group by paid.programme_code, paid.region_code, paid.month_
    union all
    select
        programme_code,
        region_code,
        year_ as period,
        count(*) as persons,
        sum(payments) as payments
    from in_year
    where region_code = other_code
    group by programme_code, region_code, year_

),

of_moving as (

    select
        paid.programme_code,
        paid.region_code,
        paid.month_,
        moving.year_,
        paid.person_key,
        paid.payments
    from {{ ref('person_month') }} as paid
    inner join moving
        on
            paid.programme_code = moving.programme_code
            and substr(paid.month_, 1, 4) = moving.year_
            and paid.person_key = moving.person_key

),

of_several as (

    select
        programme_code,
        region_code,
        month_ as period,
        person_key,
        payments
    from of_moving
    union all
    select
        programme_code,
        region_code,
        year_ as period,
        person_key,
        payments
    from of_moving

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
where at_level.period in ({{ changed.periods | join(", ") }})
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
