-- What the subsidy ledgers of a month say of facilities: one row a payment to a facility; payments to persons added up
-- by programme, county, facility, month paid for, status, sign and unit price of a file. persons NULL: not counted,
-- where no facility is named.
{{ of_months(['subsidy_ledger'], sorted_by=['delivery_period', 'period']) }}
with told as (

    select
        delivery_period,
        payment_id,
        programme_code,
        county_code,
        facility_id,
        payee_kind,
        payment_status,
        service_month,
        unit_amount,
        {{ cents('amount') }} as amount,
        base_quantity,
        abs(base_quantity) as base_size,
        1 as entries,
        case when base_quantity is null then 1 else 0 end as missing_quantities,
        cast(null as bigint) as persons,
        paid_on as first_paid_on,
        paid_on as last_paid_on,
        delivery_path,
        delivery_row
    from {{ source('landing', 'subsidy_ledger') }}
    where
        delivery_period in ({{ anew() }})
        and payee_kind = 'facility'
    union all
    select
        delivery_period,
        cast(null as string) as payment_id,
        programme_code,
        county_code,
        facility_id,
        payee_kind,
        payment_status,
        service_month,
        unit_amount,
        sum({{ cents('amount') }}) as amount,
        sum(base_quantity) as base_quantity,
        sum(abs(base_quantity)) as base_size,
        cast(count(*) as integer) as entries,
        cast(count(*) - count(base_quantity) as integer) as missing_quantities,
        case
            when facility_id is not null
                then count(distinct {{ hash64('person_id') }}) filter (where facility_id is not null)
        end as persons,
        min(paid_on) as first_paid_on,
        max(paid_on) as last_paid_on,
        delivery_path,
        cast(null as bigint) as delivery_row
    from {{ source('landing', 'subsidy_ledger') }}
    where
        delivery_period in ({{ anew() }})
        and payee_kind = 'person'
    group by
        delivery_period, programme_code, county_code, facility_id, payee_kind, payment_status, service_month,
        unit_amount, delivery_path, {{ cents('amount') }} < 0

)

select
    told.delivery_period,
    told.programme_code,
    coalesce(today.today_code, told.county_code) as region_code,
    coalesce(told.facility_id, '_Z') as facility_id,
    {{ paid_for('programmes', 'told.service_month') }} as period,
    coalesce(told.service_month, told.delivery_period) as month_,
    told.payee_kind,
    told.payment_status,
    told.payment_id,
    told.unit_amount,
    told.amount,
    {{ net_of('told.payment_status', 'told.amount', 'abs(told.amount)') }} as net_amount,
    {{ net_of('told.payment_status', 'case when told.amount < 0 then -told.base_size else told.base_quantity end',
        'told.base_size') }} as net_base_quantity,
    told.entries,
    told.missing_quantities,
    told.persons,
    told.first_paid_on,
    told.last_paid_on,
    told.delivery_path,
    told.delivery_row
from told
left join {{ ref('region_today') }} as today
    on told.county_code = today.region_code
left join {{ ref('subsidy_programmes') }} as programmes
    on told.programme_code = programmes.programme_code
