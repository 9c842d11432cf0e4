-- Persons who kept money of a year's months: one row a programme, county, year and person, a bit each month. Kept: of
-- a year some months are set anew, the others' bits stay. A person is a 64-bit number of the keyed hash: two persons
-- of a programme and year are counted as one with a chance of one in a hundred thousand where they are 20 million.
-- depends_on: {{ ref('person_basis') }}
-- depends_on: {{ ref('person_paid_again') }} {{ ref('person_month') }}, made of the same months: before this one
{{ config(
    database="history",
    schema="months",
    materialized="incremental",
    period="month_",
    basis="person_basis",
    merges="year_"
) }}
{% set told = changes(model.name) %}
{% set bits = bits_that_stay(told) %}
with person as (

    select
        programme_code,
        region_code,
        year_,
        person_key,
        months
    from {{ ref('person_anew') }}
    where is_plain
    union all
    select
        programme_code,
        region_code,
        year_,
        person_key,
        bit_or({{ month_bit('month_') }}) as months
    from (
        select
            programme_code,
            region_code,
            {{ year_of('month_') }} as year_,
            month_,
            person_key
        from {{ ref('person_payment') }}
        group by programme_code, region_code, month_, person_key
        having sum(net_amount) > 0
    ) as kept_money
    group by programme_code, region_code, year_, person_key
    {% if told.stays and bits %}
    union all
    select
        programme_code,
        region_code,
        year_,
        person_key,
        months & case year_
            {% for year, kept in bits.items() %}when '{{ year }}' then {{ kept }} {% endfor %}
        end as months
    from {{ this }}
    where year_ in ({{ literals(bits.keys()) }})
    {% endif %}

)

{% if told.stays %}
select
    programme_code,
    region_code,
    year_,
    person_key,
    bit_or(months) as months
from person
group by programme_code, region_code, year_, person_key
having bit_or(months) <> 0
{% else %}
select *
from person
{% endif %}
