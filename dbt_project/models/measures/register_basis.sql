-- What the facilities of a month follow from: the registers of the month, and those in which a county's next month
-- lies, since what is not listed there has vanished. Where this is another text, the month is made anew.
with landed as (

    {{ month_files(['elderly_facilities', 'childcare_facilities']) }}

),

told as (

    select
        period,
        made_of as told
    from landed
    union all
    select distinct
        register_next.delivery_period as period,
        'next ' || landed.period || ' ' || landed.made_of as told
    from {{ ref('register_next') }} as register_next
    inner join landed
        on register_next.next_period = landed.period

)

select
    period,
    md5({{ joined('told', '; ') }}) as basis
from told
group by period
