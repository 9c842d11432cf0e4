-- Persons paid, by programme, region and month or year: each counted once in every region that holds them. Kept by
-- year. Nearly everybody is paid by one county: these add up over regions, and only the others are counted at each.
-- depends_on: {{ ref('beneficiary_basis') }}
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="year_",
    basis="beneficiary_basis",
    batch=1
) }}
{% set months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'] %}
with person as (

    select
        programme_code,
        region_code,
        year_,
        person_key,
        months
    from {{ ref('person_year') }}
    where year_ in ({{ anew() }})

),

-- persons whom several counties paid in a year
moving as (

    select
        programme_code,
        year_,
        person_key
    from person
    group by programme_code, year_, person_key
    having min(region_code) <> max(region_code)

),

in_county as (

    select
        person.programme_code,
        person.region_code,
        person.year_,
        {% for month in months %}
        count(case when (person.months & {{ 2 ** loop.index0 }}) <> 0 then 1 end) as persons_{{ month }},
        {% endfor %}
        count(*) as persons
    from person
    left join moving
        on
            person.programme_code = moving.programme_code
            and person.year_ = moving.year_
            and person.person_key = moving.person_key
    where moving.person_key is null
    group by person.programme_code, person.region_code, person.year_

),

of_several as (

    select
        person.programme_code,
        above.ancestor_code as region_code,
        above.ancestor_level as region_level,
        person.year_,
        person.person_key,
        bit_or(person.months) as months
    from person
    inner join moving
        on
            person.programme_code = moving.programme_code
            and person.year_ = moving.year_
            and person.person_key = moving.person_key
    inner join {{ ref('region_above') }} as above
        on person.region_code = above.region_code
    group by person.programme_code, above.ancestor_code, above.ancestor_level, person.year_, person.person_key

),

at_level as (

    select
        in_county.programme_code,
        above.ancestor_code as region_code,
        above.ancestor_level as region_level,
        in_county.year_,
        {% for month in months %}
        sum(in_county.persons_{{ month }}) as persons_{{ month }},
        {% endfor %}
        sum(in_county.persons) as persons
    from in_county
    inner join {{ ref('region_above') }} as above
        on in_county.region_code = above.region_code
    group by in_county.programme_code, above.ancestor_code, above.ancestor_level, in_county.year_
    union all
    select
        programme_code,
        region_code,
        region_level,
        year_,
        {% for month in months %}
        count(case when (months & {{ 2 ** loop.index0 }}) <> 0 then 1 end) as persons_{{ month }},
        {% endfor %}
        count(*) as persons
    from of_several
    group by programme_code, region_code, region_level, year_

),

counted as (

    {% for month in months %}
    select
        programme_code,
        region_code,
        region_level,
        year_,
        year_ || '-{{ month }}' as period,
        sum(persons_{{ month }}) as persons
    from at_level
    group by programme_code, region_code, region_level, year_
    union all
    {% endfor %}
    select
        programme_code,
        region_code,
        region_level,
        year_,
        year_ as period,
        sum(persons) as persons
    from at_level
    group by programme_code, region_code, region_level, year_

),

in_month as (

    select
        paid.programme_code,
        above.ancestor_code as region_code,
        paid.month_ as period,
        sum(paid.payments) as payments
    from {{ ref('person_month') }} as paid
    inner join {{ ref('region_above') }} as above
        on paid.region_code = above.region_code
    where {{ year_of('paid.month_') }} in ({{ anew() }})
    group by paid.programme_code, above.ancestor_code, paid.month_

),

payments as (

    select
        programme_code,
        region_code,
        period,
        payments
    from in_month
    union all
    select
        programme_code,
        region_code,
        {{ year_of('period') }} as period,
        sum(payments) as payments
    from in_month
    group by programme_code, region_code, {{ year_of('period') }}

)

select
    counted.programme_code,
    counted.region_code,
    counted.region_level,
    counted.period,
    counted.year_,
    counted.persons,
    payments.payments
from counted
left join payments
    on
        counted.programme_code = payments.programme_code
        and counted.region_code = payments.region_code
        and counted.period = payments.period
where counted.persons > 0
