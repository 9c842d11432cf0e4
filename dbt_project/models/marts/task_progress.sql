-- Who answers for which task of a document, and how it stands: task × department × year. The state is the task ledger's
-- for the document's own region; without a row in force the task is not reported.
with years as (

    select distinct period
    from {{ ref('region_year') }}
    where period >= '{{ var("first_year") }}'

),

ledger as (

    select
        document_key,
        task_no,
        region_code,
        period,
        status,
        due_on,
        done_on,
        evidence,
        progress_note,
        as_of
    from {{ ref('stg_task_ledger') }}
    where item_kind = 'task'

)

select
    cast(tasks.document_key as string) as document_key,
    cast(tasks.task_no as string) as task_no,
    cast(departments.department_no as integer) as department_no,
    cast(years.period as string) as period,
    cast(tasks.region_code as string) as region_code,
    cast(tasks.title_zh as string) as title,
    cast(departments.department as string) as department,
    cast(departments.role as string) as role,
    cast(tasks.form as string) as form,
    cast(tasks.responsible_printed as string) as responsible_printed,
    cast(coalesce(
        -- a task whose day had passed when the ledger was drawn up is overdue, also where the ledger has not said so
        case
            when ledger.status in ('not_started', 'in_progress') and ledger.due_on < cast(ledger.as_of as date)
                then 'overdue'
        end,
        ledger.status,
        'not_reported'
    ) as string) as status,
    ledger.due_on,
    ledger.done_on,
    cast(ledger.evidence as string) as evidence,
    cast(ledger.progress_note as string) as progress_note,
    cast(ledger.as_of as string) as as_of
from {{ ref('document_tasks') }} as tasks
inner join {{ ref('document_task_departments') }} as departments
    on tasks.document_key = departments.document_key and tasks.task_no = departments.task_no
cross join years
left join ledger
    on
        tasks.document_key = ledger.document_key
        and tasks.task_no = ledger.task_no
        and tasks.region_code = ledger.region_code
        and years.period = ledger.period
order by tasks.document_key, cast(tasks.task_no as integer), departments.department_no, years.period
