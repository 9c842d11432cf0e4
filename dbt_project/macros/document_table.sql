{#
  A document's table as printed: its rows in the printed order and wording, beside them the figure computed for the
  baseline year and for the latest year. Which of the columns 指标属性 and 责任部门 it has, and what is printed above
  each, stands in seeds/document_tables.csv; the printed headings become the columns' comments.

  Its columns follow from the document, so they are typed here and not by a model contract.
#}
{% macro document_table(document_key, table_key) %}
{{ config(
    contract={"enforced": false},
    post_hook="{{ document_table_comments('" ~ document_key ~ "', '" ~ table_key ~ "') }}"
) }}
-- depends_on: {{ ref('document_tables') }}
{% set headings = document_headings(document_key, table_key) %}
with printed as (

    select *
    from {{ ref('document_indicator') }}
    where document_key = '{{ document_key }}' and table_key = '{{ table_key }}'

),

latest as (

    -- the last year that has a figure, row by row: a year that has only begun does not blank the table
    select
        row_no,
        coalesce(max(case when actual_value is not null then period end), max(period)) as period
    from printed
    group by row_no

)

select
    now_.row_no,
    now_.label,
    now_.unit,
    now_.baseline_printed,
    now_.target_printed,
    {% if headings.attribute_heading %}now_.attribute,{% endif %}
    {% if headings.responsible_heading %}now_.responsible,{% endif %}
    base.actual_value as baseline_actual,
    now_.judged_period as actual_period,
    judged.actual_value,
    now_.status,
    -- a row's standing note first, then what this year's verdict has to say
    cast(case
        when now_.status_reason like '%' || trim(trailing '。' from notes.note_zh) || '%' then now_.status_reason
        else nullif(concat_ws('；', trim(trailing '。' from notes.note_zh), now_.status_reason), '')
    end as string) as note,
    now_.clause,
    now_.still_needed,
    now_.still_needed_unit,
    now_.target_id
from printed as now_
inner join latest
    on now_.row_no = latest.row_no and now_.period = latest.period
left join printed as judged
    on now_.row_no = judged.row_no and now_.judged_period = judged.period
left join printed as base
    on
        now_.row_no = base.row_no
        and base.period = case
            when base.baseline_year is not null then cast(base.baseline_year as string)
            when base.row_kind = 'baseline' then '{{ var("first_year") }}'
        end
left join {{ ref('document_notes') }} as notes
    on
        now_.document_key = notes.document_key
        and now_.table_key = notes.table_key
        and now_.row_no = notes.row_no
order by now_.row_no
{% endmacro %}


{# The headings printed above a document's table; the names of what is not printed stay empty. #}
{% macro document_headings(document_key, table_key) %}
    {% if not execute %}{{ return({}) }}{% endif %}
    {% set found = run_query(
        "select * from " ~ ref('document_tables')
        ~ " where document_key = '" ~ document_key ~ "' and table_key = '" ~ table_key ~ "'") %}
    {% if found.rows | length != 1 %}
        {{ exceptions.raise_compiler_error("seeds/document_tables.csv: one row needed for " ~ document_key ~ ", " ~ table_key) }}
    {% endif %}
    {{ return(found.rows[0].dict()) }}
{% endmacro %}


{% macro document_table_comments(document_key, table_key) %}
    {% set headings = document_headings(document_key, table_key) %}
    {% set comments = {
        "row_no": "序号",
        "label": headings.label_heading,
        "unit": headings.unit_heading or "计量单位（印于名称或数值中）",
        "baseline_printed": headings.baseline_heading,
        "target_printed": headings.target_heading,
        "attribute": headings.attribute_heading,
        "responsible": headings.responsible_heading,
        "lead_departments": "牵头单位，以顿号分隔",
        "participating_departments": "参与单位，以顿号分隔",
        "shared_departments": "按职责分工负责的单位，以顿号分隔",
        "due_on": "完成时限（重点任务台账）",
        "done_on": "完成日期（重点任务台账）",
        "evidence": "佐证材料（重点任务台账）",
        "progress_note": "进展说明（重点任务台账）",
        "as_of": "台账快照日期",
        "baseline_actual": "由报送数据算得的基期年数值（现状未注年份者为首年），未取整",
        "actual_period": "据以评价的年度：最近有数的年度；当年的数量目标过期后为目标年",
        "actual_value": "该年度的数值，按该文件口径，未取整",
        "status": "进度，代码见 marts.document_indicator；任务表为台账状态",
        "note": "说明",
        "clause": "条款",
        "still_needed": "按现有分母距目标尚差的自然量；已达到为 0",
        "still_needed_unit": "尚差数量的单位",
        "target_id": "目标编号"
    } %}
    {% set found = {} %}
    {% for column in adapter.get_columns_in_relation(this) %}
        {% do found.update({column.name: comments[column.name] or column.name}) %}
    {% endfor %}
    {{ comments_of(this, headings.title_zh, found) }}
{% endmacro %}
