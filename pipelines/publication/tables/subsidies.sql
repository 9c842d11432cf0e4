-- Due and paid by programme, county and year; what was paid before the year's months were judged stands under its year.
with audited as (

    select
        audit.programme_code,
        audit.region_code,
        coalesce(nullif(substr(audit.period, 1, 4), 'once'), substr(entitled.due_month, 1, 4)) as period,
        audit.due_amount_yuan,
        audit.paid_amount_yuan,
        audit.finding
    from marts.subsidy_audit as audit
    left join marts.subsidy_entitlement as entitled
        on
            audit.programme_code = entitled.programme_code
            and audit.facility_id = entitled.facility_id
            and audit.region_code = entitled.region_code
            and audit.period = entitled.period

)

select
    audited.programme_code,
    programmes.name_zh as programme_name,
    programmes.document_key,
    programmes.payee,
    audited.region_code,
    regions.region_name,
    audited.period,
    -- a sum of what is known only would pass for the whole
    case when count(audited.due_amount_yuan) = count(*) then sum(audited.due_amount_yuan) end as due_amount_yuan,
    case when count(audited.paid_amount_yuan) = count(*) then sum(audited.paid_amount_yuan) end as paid_amount_yuan,
    count(*) as keys_audited,
    count(*) filter (where audited.finding = 'consistent') as keys_consistent,
    count(*) filter (where audited.finding = 'not_assessable') as keys_not_assessable,
    cast('F' as varchar) as conf_status
from audited
inner join reference.subsidy_programme as programmes on audited.programme_code = programmes.programme_code
inner join published_region as regions
    on audited.region_code = regions.region_code and regions.period = audited.period
    and regions.scope_region = programmes.scope_region
where audited.period <= $year
group by all
order by audited.programme_code, audited.region_code, audited.period
