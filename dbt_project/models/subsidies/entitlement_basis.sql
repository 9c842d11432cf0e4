-- What the entitlements of a month follow from: the registers of the month; under a programme that asks for a payment
-- of another one, the payments and whose ledgers came. What is due once or by the year follows from all of it.
with paid as (

    select period || ' ' || basis as told
    from {{ ref('payment_basis') }}
    union all
    select region_code as told
    from {{ ref('county_ledger') }}

),

told as (

    select
        delivery_period as period,
        'register ' || register || ' ' || digest as told
    from {{ source('landing', 'landed_month') }}
    where register in ('elderly_facilities', 'childcare_facilities')
    union all
    select distinct
        months.delivery_period as period,
        'paid ' || paid.told as told
    from {{ source('landing', 'landed_month') }} as months
    cross join paid
    inner join {{ ref('subsidy_programmes') }} as programmes
        on programmes.frequency = 'monthly' and programmes.requires_paid is not null
    where months.register in ('elderly_facilities', 'childcare_facilities')

),

whole as (

    select md5({{ joined('told', '; ') }}) as basis
    from (
        select period || ' ' || told as told
        from told
        union all
        select told
        from paid
    ) as everything

)

select
    period,
    md5({{ joined('told', '; ') }}) as basis
from told
group by period
union all
select
    periods.period,
    whole.basis
from (
    select 'once' as period
    union
    select {{ year_of('period') }} as period
    from told
) as periods
cross join whole
