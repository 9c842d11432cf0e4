-- Tasks and milestones in force in each year: the newest snapshot of each supplier dated within or before the year
-- (spec §3); where several suppliers speak of one task of one region, the nearest supplier's row.
with snapshot as (

    -- headers alone are a snapshot too: they end what the supplier said before; codes follow their successors
    select
        years.period,
        deliveries.period as as_of,
        coalesce(codes.region_code, deliveries.supplier) as supplier
    from {{ ref('stg_deliveries') }} as deliveries
    inner join {{ ref('delivered_year') }} as years
        on deliveries.year_ <= years.period
    left join {{ ref('region_succession') }} as codes
        on deliveries.supplier = codes.earlier_code and years.period = codes.period
    where deliveries.source = 'task_ledger' and deliveries.state <> 'rejected'

),

newest as (

    select
        period,
        supplier,
        max(as_of) as as_of
    from snapshot
    group by period, supplier

),

in_force as (

    select
        newest.period,
        newest.as_of,
        newest.supplier,
        coalesce(region_code.region_code, tasks.region_code) as current_code,
        tasks.*
    from {{ source('landing', 'task_ledger') }} as tasks
    inner join newest
        on tasks.delivery_period = newest.as_of
    left join {{ ref('region_succession') }} as supplier_code
        on tasks.delivery_supplier = supplier_code.earlier_code and newest.period = supplier_code.period
    left join {{ ref('region_succession') }} as region_code
        on tasks.region_code = region_code.earlier_code and newest.period = region_code.period
    where newest.supplier = coalesce(supplier_code.region_code, tasks.delivery_supplier)

),

by_nearness as (

    select
        in_force.*,
        row_number() over (
            partition by in_force.period, in_force.document_key, in_force.task_no, in_force.current_code
            order by
                ancestry.depth asc nulls last,
                in_force.supplier asc,
                in_force.delivery_path asc,
                in_force.delivery_row asc
        ) as nearness
    from in_force
    left join {{ ref('region_ancestor') }} as ancestry
        on
            in_force.period = ancestry.period
            and in_force.current_code = ancestry.region_code
            and in_force.supplier = ancestry.ancestor_code

)

select
    period,
    as_of,
    document_key,
    task_no,
    current_code as region_code,
    item_kind,
    milestone_key,
    title,
    lead_departments,
    participating_departments,
    due_on,
    status,
    done_on,
    evidence,
    progress_note,
    status = 'done' and done_on <= {{ year_end('period') }} as is_done,
    delivery_path,
    delivery_row
from by_nearness
where nearness = 1
