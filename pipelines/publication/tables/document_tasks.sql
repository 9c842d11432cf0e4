with departments as (

    select
        document_key,
        task_no,
        string_agg(case when role = 'lead' then department end, '、' order by department_no) as lead_departments,
        string_agg(case when role = 'participating' then department end, '、' order by department_no)
            as participating_departments,
        string_agg(case when role = 'shared' then department end, '、' order by department_no) as shared_departments
    from reference.document_task_department
    group by document_key, task_no

),

state as (

    select distinct
        document_key,
        task_no,
        status,
        due_on,
        done_on,
        evidence,
        progress_note,
        as_of
    from marts.task_progress
    where period = $year

)

select
    tasks.document_key,
    printed.table_key,
    cast(tasks.task_no as integer) as row_no,
    coalesce(tasks.task_printed, tasks.title_zh) as label,
    tasks.responsible_printed as responsible,
    departments.lead_departments,
    departments.participating_departments,
    departments.shared_departments,
    state.status as task_status,
    cast(state.due_on as varchar) as due_on,
    cast(state.done_on as varchar) as done_on,
    state.evidence,
    state.progress_note,
    cast(state.as_of as varchar) as as_of
from reference.document_task as tasks
left join reference.document_row as printed
    on tasks.document_key = printed.document_key and tasks.task_no = cast(printed.row_no as varchar)
    and printed.row_kind = 'task'
left join departments on tasks.document_key = departments.document_key and tasks.task_no = departments.task_no
left join state on tasks.document_key = state.document_key and tasks.task_no = state.task_no
order by tasks.document_key, row_no
