{# A list of condition keys in words: 'a|b' → 'A、B'. A programme's code stands for its payment. #}
{% macro condition_words(column) %}
    {% set words = namespace(text="replace(" ~ column ~ ", '|', '、')") %}
    {% set conditions = ref("subsidy_conditions") %}
    {% if execute %}
        {% for row in run_query("select condition_key, name_zh from " ~ conditions ~ " order by length(condition_key) desc").rows %}
            {% set words.text = "replace(" ~ words.text ~ ", '" ~ row[0] ~ "', '" ~ row[1] ~ "')" %}
        {% endfor %}
    {% endif %}
    {{ return(words.text) }}
{% endmacro %}


{# Why the audit found what it found, as an inspector reads it. #}
{% macro audit_reason(row) %}
{% set causes = {
    "rule": "该代码是规则，不是补贴项目",
    "no_amount": "文件未印金额，不算应发数",
    "no_register_of_persons": "发给个人的项目，没有可对照的名册",
    "no_facility": "发给个人而未注明机构，无从核定",
    "no_month": "台账未注明补贴所属月份",
    "before_validity": "所属月份早于项目生效",
    "after_validity": "所属月份晚于项目终止",
    "out_of_scope": "不在项目适用地区",
    "no_register": "该县当月名册未报送",
    "closed": "名册载明已关停",
    "elsewhere": "该机构登记在另一县",
    "not_listed": "名册中没有该机构",
} %}
nullif(concat_ws(
        '；',
        case {{ row }}.cause
            {% for cause, words in causes.items() %}
            when '{{ cause }}' then '{{ words }}'
            {% endfor %}
        end,
        case when {{ row }}.unmet_conditions is not null
            then '不成立：' || {{ condition_words(row ~ '.unmet_conditions') }} end,
        case when {{ row }}.due_amount is null and {{ row }}.unknown_conditions is not null
            then '无法判断：' || {{ condition_words(row ~ '.unknown_conditions') }} end,
        case when {{ row }}.is_judged and {{ row }}.due_amount is null and {{ row }}.unknown_conditions is null
            then '计发数量空白' end,
        case when {{ row }}.paid_amount is null then '该县 ' || {{ row }}.judged_month || ' 及以后的台账未报送' end,
        case when {{ row }}.repeated_entries > 0
            then '同一流水号在两个月发放 ' || cast({{ row }}.repeated_entries as varchar) || ' 笔，只计一次' end,
        case when {{ row }}.due_amount > 0 and {{ row }}.paid_amount - {{ row }}.due_amount >= {{ row }}.equal_amount_yuan
            then '相同金额 ' || cast({{ row }}.equal_amount_yuan as varchar) || ' 元发放了两笔以上' end,
        case when {{ row }}.persons_paid_again > 0
            then cast({{ row }}.persons_paid_again as varchar) || ' 人在同一份台账中领了两笔以上' end,
        case when {{ row }}.due_amount > 0 and {{ row }}.paid_amount <> {{ row }}.due_amount
            then '应发按 ' || {{ plain_number(row ~ '.base_quantity') }} || ' × ' || {{ plain_number(row ~ '.unit_amount') }} end,
        case when {{ row }}.former_facility_id is not null
            then '同一处所已以机构 ' || {{ row }}.former_facility_id || ' 领取' end,
        case when {{ row }}.wrong_unit_amounts > 0
            then cast({{ row }}.wrong_unit_amounts as varchar) || ' 种标准与项目标准不同' end,
        case when {{ row }}.returned > 0 then '退回或追回 ' || cast({{ money(row ~ '.returned') }} as varchar) || ' 元' end,
        case when {{ row }}.approved > 0
            then '已审批未发放 ' || cast({{ money(row ~ '.approved') }} as varchar) || ' 元' end
    ), '')
{%- endmacro %}


{# Each condition column of the entitlements is called what the registry calls the condition. #}
{% macro condition_comments() %}
    {% set conditions = ref("subsidy_conditions") %}
    {% for row in (run_query("select condition_key, name_zh from " ~ conditions).rows if execute else []) %}
    comment on column {{ this }}.{{ row[0] }} is '{{ row[1] }}';
    {% endfor %}
{% endmacro %}
