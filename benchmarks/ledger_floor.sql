-- What the subsidy models come to, written by hand for the programmes of the large ledger: the floor of
-- `python -m benchmarks.subsidies`. Reads the views ledger, elderly_facilities, childcare_facilities and regions over
-- the same landed Parquet, whose codes of counties are all valid today.

create temp table programme as
select *
from (values
    ('BENCH-AGE', 'person', 'monthly', 100.00),
    ('BENCH-CARE', 'person', 'monthly', 60.00),
    ('BENCH-BED', 'facility', 'monthly', 100.00),
    ('BENCH-KID', 'facility', 'monthly', 200.00),
    ('BANAN-S1', 'facility', 'monthly', 0.30),
    ('BANAN-S2', 'facility', 'one_off', 10000.00),
    ('BANAN-S3', 'facility', 'one_off', 1000.00),
    ('BANAN-S4', 'facility', 'one_off', 1000.00),
    ('BANAN-S5', 'facility', 'monthly', 50.00),
    ('CQ-CONSTR', 'facility', 'one_off', null),
    ('DAZHOU-S4', 'facility', 'one_off', 30000.00)
) as t (programme_code, payee, frequency, unit_amount);

create temp table place as
select
    county.region_code as county,
    prefecture.region_code as prefecture,
    coalesce(upper_.region_code, above.region_code) as province
from regions as county
join regions as above on county.parent_code = above.region_code
left join regions as prefecture on above.region_code = prefecture.region_code and prefecture.level = 'prefecture'
left join regions as upper_ on prefecture.parent_code = upper_.region_code
where county.level = 'county' and county.valid_to is null;

-- the same payment in several months counts where it was paid first
create temp table repeated as
select payment_id, min(delivery_period) as first_period
from ledger
where payment_status = 'paid'
group by payment_id
having count(*) > 1;

create temp table surplus as
select
    programme_code, county_code, facility_id, person_id, service_month, ledger.delivery_period, base_quantity, amount
from ledger
join repeated using (payment_id)
where payment_status = 'paid' and ledger.delivery_period > repeated.first_period;

-- payments

create table payment as
with total as (
    select
        programme_code, coalesce(facility_id, '_Z') as facility_id, county_code as region_code,
        case frequency when 'one_off' then 'once' else coalesce(service_month, 'unknown') end as period,
        sum(case payment_status when 'paid' then amount when 'approved' then 0 else -abs(amount) end) as net,
        sum(case payment_status when 'paid' then base_quantity when 'approved' then 0 else -abs(base_quantity) end)
            as quantity,
        sum(amount) filter (payment_status = 'paid') as gross,
        sum(abs(amount)) filter (payment_status in ('returned', 'recovered')) as returned,
        sum(amount) filter (payment_status = 'approved') as approved,
        count(*) as entries,
        coalesce(bool_or(ledger.unit_amount <> programme.unit_amount and payment_status = 'paid'), false)
            as has_other_price,
        min(paid_on) filter (payment_status = 'paid') as first_paid_on,
        max(paid_on) filter (payment_status = 'paid') as last_paid_on
    from ledger
    join programme using (programme_code)
    group by all
),

counted_twice as (
    select
        programme_code, coalesce(facility_id, '_Z') as facility_id, county_code as region_code,
        case frequency when 'one_off' then 'once' else coalesce(service_month, 'unknown') end as period,
        sum(amount) as amount, sum(base_quantity) as quantity, count(*) as entries
    from surplus
    join programme using (programme_code)
    group by all
)

select
    programme_code, facility_id, region_code, period,
    (net - coalesce(amount, 0))::decimal(18, 2) as paid_amount_yuan,
    coalesce(gross, 0)::decimal(18, 2) as gross_paid_yuan,
    coalesce(returned, 0)::decimal(18, 2) as returned_yuan,
    coalesce(approved, 0)::decimal(18, 2) as approved_yuan,
    (total.quantity - coalesce(counted_twice.quantity, 0))::decimal(38, 6) as paid_quantity,
    total.entries,
    coalesce(counted_twice.entries, 0) as repeated_entries,
    has_other_price, first_paid_on, last_paid_on
from total
left join counted_twice using (programme_code, facility_id, region_code, period);

-- amounts that a facility was paid more than once and kept
create temp table equal_amount as
select programme_code, facility_id, county_code as region_code, period, max(amount) as amount
from (
    select
        programme_code, facility_id, county_code,
        case frequency when 'one_off' then 'once' else coalesce(service_month, 'unknown') end as period,
        abs(amount) as amount
    from ledger
    join programme using (programme_code)
    where payee_kind = 'facility' and payment_status <> 'approved'
    group by all
    having count(*) filter (payment_status = 'paid') - count(*) filter (payment_status <> 'paid') >= 2
)
group by all;

-- persons, in a county and month where more was paid to them than came back

create temp table person as
select programme_code, county_code as county, period, person
from (
    select
        programme_code, county_code, coalesce(service_month, delivery_period) as period, person_id::uuid as person,
        case payment_status when 'paid' then amount else -abs(amount) end as net
    from ledger
    where person_id is not null and payment_status <> 'approved'
    union all
    select programme_code, county_code, coalesce(service_month, delivery_period), person_id::uuid, -amount
    from surplus
    where person_id is not null
)
group by all
having sum(net) > 0;

create table beneficiary as
with in_year as (
    select distinct programme_code, county, left(period, 4) as period, person
    from person
),

counted as (
    select programme_code, county as region_code, 'county' as region_level, period, count(*) as persons
    from person group by all
    union all
    select programme_code, prefecture, 'prefecture', period, count(distinct person)
    from person join place using (county) where prefecture is not null group by all
    union all
    select programme_code, province, 'province', period, count(distinct person)
    from person join place using (county) group by all
    union all
    select programme_code, county, 'county', period, count(*) from in_year group by all
    union all
    select programme_code, prefecture, 'prefecture', period, count(distinct person)
    from in_year join place using (county) where prefecture is not null group by all
    union all
    select programme_code, province, 'province', period, count(distinct person)
    from in_year join place using (county) group by all
)

select *, case when persons < 5 then 'C' else 'F' end as conf_status
from counted;

-- what was due

create temp table home as
select
    facility_id, county_code as region_code, delivery_period as period, beds, residents, local_residents, ownership,
    last_day((delivery_period || '-01')::date) as as_of,
    status = 'closed' or coalesce(closed_on <= as_of, false) as is_closed,
    status = 'operating' and coalesce(opened_on <= as_of, true) and not coalesce(closed_on <= as_of, false)
    and beds >= 10 and facility_type = 'nursing_home' as is_institution,
    delivery_path as register_path, delivery_row as register_row
from elderly_facilities;

create temp table nursery as
select
    facility_id, county_code as region_code, delivery_period as period, enrolled, inclusive, leases_state_asset,
    contract_rent, central_project, central_project_places, demo_level, demo_recognised_on,
    last_day((delivery_period || '-01')::date) as as_of,
    status = 'closed' or coalesce(closed_on <= as_of, false) as is_closed,
    status = 'operating' and coalesce(opened_on <= as_of, true) and not coalesce(closed_on <= as_of, false)
        as in_service,
    delivery_path as register_path, delivery_row as register_row
from childcare_facilities;

create table entitlement as
with first_paid as (
    select programme_code, facility_id, min(first_paid_on) as paid_on
    from payment
    where programme_code in ('BANAN-S2', 'CQ-CONSTR') and paid_amount_yuan > 0
    group by all
),

monthly as (
    select 'BENCH-BED' as programme_code, facility_id, region_code, period, is_closed, register_path, register_row,
        is_institution and residents * 2 >= beds as met, residents * 100.00 as due, residents as base_quantity
    from home where region_code like '52%'
    union all
    select 'BANAN-S5', facility_id, region_code, period, is_closed, register_path, register_row,
        is_institution and residents * 2 >= beds and local_residents > 0, local_residents * 50.00, local_residents
    from home where region_code = '500113'
    union all
    select 'BENCH-KID', facility_id, region_code, period, is_closed, register_path, register_row,
        in_service and inclusive, enrolled * 200.00, enrolled
    from nursery where region_code like '52%'
    union all
    select 'BANAN-S1', facility_id, region_code, period, is_closed, register_path, register_row,
        in_service and inclusive and leases_state_asset, contract_rent::decimal(18, 6) * 0.30, contract_rent
    from nursery where region_code = '500113'
),

month_of_one_off as (
    select 'BANAN-S2' as programme_code, facility_id, region_code, period, is_closed, register_path, register_row,
        inclusive and central_project as met, central_project_places * 10000.00 as due,
        central_project_places as base_quantity
    from nursery where region_code = '500113'
    union all
    select 'BANAN-S3', facility_id, region_code, period, is_closed, register_path, register_row,
        inclusive and central_project and coalesce(paid_on <= as_of, false),
        central_project_places * 1000.00, central_project_places
    from nursery left join (from first_paid where programme_code = 'BANAN-S2') using (facility_id)
    where region_code = '500113'
    union all
    select 'BANAN-S4', facility_id, region_code, period, is_closed, register_path, register_row,
        is_institution and ownership = 'private' and coalesce(paid_on <= as_of, false), beds * 1000.00, beds
    from home left join (from first_paid where programme_code = 'CQ-CONSTR') using (facility_id)
    where region_code = '500113'
    union all
    select 'DAZHOU-S4', facility_id, region_code, period, is_closed, register_path, register_row,
        in_service and demo_level = 'province' and demo_recognised_on >= date '2022-01-01', 30000.00, 1
    from nursery where region_code like '5117%'
),

-- the first month in which it is met; else the last that cannot be told; else the last
one_off as (
    from month_of_one_off
    qualify row_number() over (
        partition by programme_code, facility_id
        order by coalesce(met::int, 2) = 0, met is null, case when met then period end, period desc
    ) = 1
)

select
    programme_code, facility_id, region_code, period, base_quantity, is_closed, register_path, register_row,
    (case when met then due when not met then 0 end)::decimal(18, 2) as due_amount_yuan
from monthly
union all
select
    programme_code, facility_id, region_code, 'once', base_quantity, is_closed, register_path, register_row,
    (case when met then due when not met then 0 end)::decimal(18, 2)
from one_off;

create table audit as
with delivered as (
    select distinct
        unnest(case when region_code = '500113' then ['BANAN-S5'] else ['BENCH-BED'] end) as programme_code,
        region_code, period
    from home
    union all
    select distinct
        unnest(case when region_code = '500113' then ['BANAN-S1'] else ['BENCH-KID'] end), region_code, period
    from nursery
),

joined as (
    select
        programme_code, facility_id, region_code, period, register_path, register_row,
        -- a facility that the month's register does not have is due nothing
        case
            when due.facility_id is not null then due.due_amount_yuan
            when delivered.period is not null then 0
        end as due,
        coalesce(payment.paid_amount_yuan, 0) as paid,
        coalesce(due.is_closed, false) as is_closed,
        coalesce(payment.repeated_entries > 0, false) as is_repeated,
        coalesce(payment.has_other_price, false) as has_other_price,
        coalesce(payment.returned_yuan > 0, false) as is_returned,
        equal_amount.amount as equal_amount
    from entitlement as due
    full join payment using (programme_code, facility_id, region_code, period)
    left join delivered using (programme_code, region_code, period)
    left join equal_amount using (programme_code, facility_id, region_code, period)
)

select
    programme_code, facility_id, region_code, period,
    due as due_amount_yuan,
    paid as paid_amount_yuan,
    (paid - due)::decimal(18, 2) as difference_yuan,
    case
        when due is null then 'not_assessable'
        when paid > 0 and due = 0 and is_closed then 'after_closing'
        when is_repeated or (due > 0 and paid - due >= equal_amount) then 'paid_twice'
        when paid > 0 and due = 0 then 'paid_without_entitlement'
        when has_other_price then 'wrong_unit_amount'
        when paid < due and is_returned then 'returned'
        when paid > due then 'overpaid'
        when paid < due then 'underpaid'
        else 'consistent'
    end as finding,
    abs(paid - due)::decimal(18, 2) as at_stake,
    row_number() over (
        partition by period order by at_stake desc nulls last, programme_code, region_code, facility_id
    ) as rank,
    register_path, register_row
from joined
order by period, rank;
