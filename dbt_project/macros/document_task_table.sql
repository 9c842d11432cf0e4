{#
  A document's printed table of tasks: one row a task in the printed order and wording, the departments it names by their
  part in it, and the state that the task ledger of its latest year tells. As document_table, headed by
  seeds/document_tables.csv.
#}
{% macro document_task_table(document_key, table_key) %}
{{ config(
    contract={"enforced": false},
    post_hook="{{ document_table_comments('" ~ document_key ~ "', '" ~ table_key ~ "') }}"
) }}
-- depends_on: {{ ref('document_tables') }}
with departments as (

    select
        document_key,
        task_no,
        {% for role in ['lead', 'participating', 'shared'] %}
        {{ joined("case when role = '" ~ role ~ "' then department end", '、', by='department_no') }}
            as {{ role }}_departments{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('document_task_departments') }}
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
        as_of,
        period
    from {{ ref('task_progress') }}

),

latest as (

    select
        document_key,
        task_no,
        max(period) as period
    from state
    group by document_key, task_no

)

select
    cast(rows_.row_no as integer) as row_no,
    cast(coalesce(tasks.task_printed, rows_.label_zh) as string) as label,
    cast(tasks.responsible_printed as string) as responsible,
    departments.lead_departments,
    departments.participating_departments,
    departments.shared_departments,
    state.status,
    state.due_on,
    state.done_on,
    state.evidence,
    state.progress_note,
    state.as_of,
    cast(rows_.target_id as string) as target_id
from {{ ref('document_rows') }} as rows_
inner join {{ ref('document_tasks') }} as tasks
    on rows_.document_key = tasks.document_key and cast(rows_.row_no as string) = tasks.task_no
left join departments
    on tasks.document_key = departments.document_key and tasks.task_no = departments.task_no
left join latest
    on tasks.document_key = latest.document_key and tasks.task_no = latest.task_no
left join state
    on
        latest.document_key = state.document_key
        and latest.task_no = state.task_no
        and latest.period = state.period
where rows_.document_key = '{{ document_key }}' and rows_.table_key = '{{ table_key }}'
order by rows_.row_no
{% endmacro %}
