-- Due beside paid, with what is found: one row a key of subsidy_entitlement or subsidy_payment. The sum of differences
-- is paid − due by programme and county, over the rows that can be assessed. Findings are ranked, errors first.
with ranked as (

    select
        programme_code,
        facility_id,
        region_code,
        period,
        row_number() over (
            order by urgency asc, at_stake desc, programme_code asc, region_code asc, facility_id asc, period asc
        ) as rank
    from {{ ref('audit_month') }}
    where urgency is not null

)

select
    cast(audited.programme_code as varchar) as programme_code,
    cast(programmes.name_zh as varchar) as programme_name,
    cast(audited.facility_id as varchar) as facility_id,
    cast(audited.facility_name as varchar) as facility_name,
    cast(audited.region_code as varchar) as region_code,
    cast(names.today_name as varchar) as region_name,
    cast(audited.period as varchar) as period,
    cast(audited.due_amount as decimal(18, 2)) as due_amount_yuan,
    cast(audited.paid_amount as decimal(18, 2)) as paid_amount_yuan,
    cast(audited.difference as decimal(18, 2)) as difference_yuan,
    cast(audited.finding as varchar) as finding,
    cast(findings.name_zh as varchar) as finding_name,
    cast(audited.all_findings as varchar) as all_findings,
    cast(audited.reason as varchar) as reason,
    cast(audited.at_stake as decimal(18, 2)) as amount_at_stake_yuan,
    cast(ranked.rank as bigint) as rank,
    cast(audited.approved as decimal(18, 2)) as approved_yuan,
    cast(audited.returned as decimal(18, 2)) as returned_yuan,
    cast(audited.register_path as varchar) as register_path,
    cast(audited.register_row as bigint) as register_row,
    cast(audited.conf_status as varchar) as conf_status
from {{ ref('audit_month') }} as audited
inner join {{ ref('subsidy_programmes') }} as programmes
    on audited.programme_code = programmes.programme_code
inner join {{ ref('subsidy_findings') }} as findings
    on audited.finding = findings.finding
left join {{ ref('region_today') }} as names
    on audited.region_code = names.region_code
left join ranked
    on
        audited.programme_code = ranked.programme_code
        and audited.facility_id = ranked.facility_id
        and audited.region_code = ranked.region_code
        and audited.period = ranked.period
