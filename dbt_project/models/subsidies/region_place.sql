-- Region × year: places registered, subsidised and returned, side by side, for counties and all above them. Registered
-- and returned are the measures of that region (its own return outranks the sum of its counties); subsidised is the sum
-- over the facilities, NULL unless every county expected sent a ledger.
{% set subjects = {
    'eldercare_beds': ['service_beds', 'ar_eldercare_beds_reported'],
    'childcare_places': ['childcare_places', 'ar_childcare_places_reported']
} %}
with measured as (

    {% for subject, measures in subjects.items() %}
    {% for measure in measures %}
    select
        '{{ subject }}' as subject,
        region_code,
        period,
        {{ "value" if loop.first else "cast(null as decimal(38, 6))" }} as registered,
        {{ "value" if loop.last else "cast(null as decimal(38, 6))" }} as returned
    from {{ ref('measure_value') }}
    where measure_key = '{{ measure }}'
    {{ "union all" if not loop.last }}
    {% endfor %}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

subsidised as (

    select
        facilities.subject,
        above.ancestor_code as region_code,
        facilities.period,
        sum(facilities.subsidised) as subsidised,
        sum(facilities.missing_quantities) as missing_quantities
    from {{ ref('place_ledger') }} as facilities
    inner join {{ ref('region_ancestor') }} as above
        on facilities.region_code = above.region_code and facilities.period = above.period
    group by facilities.subject, above.ancestor_code, facilities.period

),

ledger_from as (

    select
        region_code as today_code,
        min({{ year_of('delivery_period') }}) as first_year
    from {{ ref('county_month') }}
    where register = 'subsidy_ledger'
    group by region_code

),

covered as (

    select
        suppliers.region_code,
        suppliers.period,
        count(*) as expected,
        count(case when ledger_from.first_year <= suppliers.period then 1 end) as delivered
    from {{ ref('region_supplier') }} as suppliers
    left join {{ ref('region_today') }} as today
        on suppliers.supplier_code = today.region_code
    left join ledger_from
        on coalesce(today.today_code, suppliers.supplier_code) = ledger_from.today_code
    where suppliers.born_level = 'county'
    group by suppliers.region_code, suppliers.period

),

subject as (

    {% for subject in subjects %}
    select '{{ subject }}' as subject{{ " union all" if not loop.last }}
    {% endfor %}

)

select
    subject.subject,
    regions.region_code,
    regions.period,
    regions.region_name,
    regions.level,
    max(measured.registered) as registered,
    max(case
        when covered.delivered = covered.expected then coalesce(subsidised.subsidised, {{ quantity('0') }})
    end) as subsidised,
    max(measured.returned) as returned,
    max(coalesce(subsidised.missing_quantities, 0)) as missing_quantities
from {{ ref('region_year') }} as regions
cross join subject
left join measured
    on
        subject.subject = measured.subject
        and regions.region_code = measured.region_code
        and regions.period = measured.period
left join subsidised
    on
        subject.subject = subsidised.subject
        and regions.region_code = subsidised.region_code
        and regions.period = subsidised.period
left join covered
    on regions.region_code = covered.region_code and regions.period = covered.period
where regions.level in ('county', 'prefecture', 'province')
group by subject.subject, regions.region_code, regions.period, regions.region_name, regions.level
