{#
  A document's table as printed: its rows in the printed order and wording, beside them the figure computed for the
  baseline year and for the latest year.

  classified  the printed table has the columns 指标属性 and 责任部门
#}
{% macro document_table(document_key, table_key, classified=false) %}
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
    {% if classified %}
    now_.attribute,
    now_.responsible,
    {% endif %}
    base.actual_value as baseline_actual,
    now_.period as actual_period,
    now_.actual_value,
    now_.status,
    cast(coalesce(notes.note_zh, now_.status_reason) as varchar) as note
from printed as now_
inner join latest
    on now_.row_no = latest.row_no and now_.period = latest.period
left join printed as base
    on now_.row_no = base.row_no and base.period = cast(base.baseline_year as varchar)
left join {{ ref('document_notes') }} as notes
    on
        now_.document_key = notes.document_key
        and now_.table_key = notes.table_key
        and now_.row_no = notes.row_no
order by now_.row_no
{% endmacro %}
