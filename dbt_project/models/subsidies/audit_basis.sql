-- What the audit of a month depends on: the registers up to it, the payments for it, whose ledgers reach it, what was
-- refused of it, and payments that its programmes ask for; of what is due or paid once, by the year or for an unknown
-- month, all of it and all that was delivered, were it empty. Where this is another text, the period is audited anew.
with months as (

    select period from {{ ref('entitlement_basis') }}
    where period like '____-__'
    union
    select period from {{ ref('payment_basis') }}
    where period like '____-__'

),

told as (

    select
        months.period,
        'register ' || landed.register || landed.delivery_period || landed.digest as told
    from months
    inner join {{ source('landing', 'landed_month') }} as landed
        on months.period >= landed.delivery_period
    where landed.register in ('elderly_facilities', 'childcare_facilities')
    union all
    select
        period,
        'ledger ' || basis as told
    from {{ ref('payment_basis') }}
    union all
    select
        months.period,
        'reached ' || ledgers.region_code as told
    from months
    inner join {{ ref('county_ledger') }} as ledgers
        on months.period >= ledgers.first_month and months.period <= ledgers.last_month
    union all
    select
        delivery_period as period,
        'refused ' || register || region_code || cast(refused_rows as string) as told
    from {{ ref('county_month') }}
    union all
    select
        months.period,
        'required ' || payments.programme_code || payments.facility_id || payments.first_paid_month as told
    from months
    cross join {{ ref('subsidy_payment') }} as payments
    inner join {{ ref('subsidy_programmes') }} as programmes
        on payments.programme_code = programmes.requires_paid and programmes.frequency = 'monthly'
    where payments.paid_amount_yuan > 0

),

by_month as (

    select
        told.period,
        md5({{ joined('told.told', '; ') }}) as basis
    from told
    inner join months
        on told.period = months.period
    group by told.period

),

others as (

    select
        period,
        basis
    from {{ ref('entitlement_basis') }}
    where period not like '____-__'
    union all
    select
        period,
        basis
    from {{ ref('payment_basis') }}
    where period not like '____-__'

),

whole as (

    select md5({{ joined("told", '; ') }}) as basis
    from (
        select period || basis as told
        from by_month
        union all
        select register || region_code || delivery_period || cast(refused_rows as string) as told
        from {{ ref('county_month') }}
    ) as everything

)

select
    period,
    basis
from by_month
union all
select
    others.period,
    md5(whole.basis || {{ joined('others.basis', '; ') }}) as basis
from others
cross join whole
group by others.period, whole.basis
