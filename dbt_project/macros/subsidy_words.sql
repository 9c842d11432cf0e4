{# A list of condition keys in words: 'a|b' → 'A、B'. A programme's code stands for its payment. #}
{% macro condition_words(column) %}
    {% set words = namespace(text="replace(" ~ column ~ ", '|', '、')") %}
    {% set conditions, programmes = ref("subsidy_conditions"), ref("subsidy_programmes") %}
    {% if execute %}
        {% for row in run_query(
            "select word, name_zh from (select condition_key as word, name_zh from " ~ conditions
            ~ " union all select distinct asked.programme_code, '须先发放' || asked.name_zh from " ~ programmes
            ~ " as asked inner join " ~ programmes ~ " as asking on asked.programme_code = asking.requires_paid"
            ~ ") as words order by length(word) desc, word").rows %}
            {% set words.text = "replace(" ~ words.text ~ ", '" ~ row[0] ~ "', '" ~ row[1] ~ "')" %}
        {% endfor %}
    {% endif %}
    {{ return(words.text) }}
{% endmacro %}


{# Why nothing, or nothing that can be told, was due to a payment that no entitlement stands beside. #}
{% macro cause_words(row) %}
{% set causes = {
    "rule": "'该代码是规则，不是补贴项目'",
    "no_amount": "'文件未印金额，不算应发数'",
    "no_register_of_persons": "'发给个人的项目，没有可对照的名册'",
    "no_facility": "'发给个人而未注明机构，无从核定：请报送单位补填机构编码'",
    "no_month": "'台账未注明补贴所属月份：请报送单位补填'",
    "before_validity": "'所属月份早于项目生效'",
    "after_validity": "'所属月份晚于项目终止'",
    "out_of_scope": "'不在项目适用地区'",
    "no_register": "'该县 ' || " ~ row ~ ".judged_month || ' 名册未报送；台账 ' || " ~ row
        ~ ".last_delivery || ' 报送，所属月份有误的请更正'",
    "elsewhere": "'该机构登记在另一县'",
    "refused": "'该县 ' || " ~ row ~ ".judged_month || ' 名册有 ' || cast(" ~ row
        ~ ".refused_in_register as string) || ' 行被拒收，可能含这家机构（见 ops.quarantine）'",
    "not_listed": "'名册中没有该机构'",
} %}
case {{ row }}.cause
            {% for cause, words in causes.items() %}
            when '{{ cause }}' then {{ words }}
            {% endfor %}
        end
{%- endmacro %}


{# Why the audit found what it found, as an inspector reads it, and what would mend it. Small numbers of persons are not
   told. #}
{% macro audit_reason(row) %}
nullif(concat_ws(
        '；',
        {{ cause_words(row) }},
        case when {{ row }}.paid_amount > 0 and {{ row }}.is_closed
            then '名册载明' || coalesce(' ' || cast({{ row }}.closed_on as string) || ' ', '已') || '关停' end,
        case when {{ row }}.unmet_conditions is not null
            then '不成立：' || {{ condition_words(row ~ '.unmet_conditions') }} end,
        case when {{ row }}.due_amount is null and {{ row }}.unknown_conditions is not null
            then '无法判断（名册有空白，请补报）：' || {{ condition_words(row ~ '.unknown_conditions') }} end,
        case when {{ row }}.is_judged and {{ row }}.due_amount is null and {{ row }}.unknown_conditions is null
            then '名册未填' || {{ row }}.base_zh || '，请补报' end,
        case when {{ row }}.paid_amount is null then '该县的台账没有报到 ' || {{ row }}.judged_month end,
        case when {{ row }}.repeated_entries > 0
            then '同一流水号在两个月发放 ' || cast({{ row }}.repeated_entries as string) || ' 笔，只计一次；若确已两次支付，应追回 '
                || cast({{ money(row ~ '.repeated') }} as string) || ' 元' end,
        case when {{ row }}.due_amount > 0 and {{ row }}.paid_amount - {{ row }}.due_amount >= {{ row }}.equal_amount
            then '相同金额 ' || cast({{ row }}.equal_amount as string) || ' 元发放了两笔以上' end,
        case when {{ row }}.persons_paid_again > 0 then '有人当月领了两笔以上' end,
        case when {{ row }}.former_facility_id is not null
            then '同一处所已以机构 ' || {{ row }}.former_facility_id || ' 领取' end,
        case when {{ row }}.wrong_unit_amount is not null
            then '台账标准 ' || {{ plain_number(row ~ '.wrong_unit_amount') }} || '，项目标准 '
                || {{ plain_number(row ~ '.unit_amount') }}
                || case when {{ row }}.wrong_unit_amount * 10000 = {{ row }}.unit_amount then '：是否把万元当作元' else '' end
            end,
        case when {{ row }}.due_amount > 0 and {{ row }}.paid_amount <> {{ row }}.due_amount
            then '应发按' || {{ row }}.base_zh || ' ' || {{ plain_number(row ~ '.base_quantity') }} || ' '
                || {{ row }}.base_unit || ' × '
                || case when {{ row }}.base_unit = '元' then {{ plain_number(row ~ '.unit_amount * 100') }} || '%'
                    else {{ plain_number(row ~ '.unit_amount') }} || ' 元' end
            end,
        case when {{ row }}.returned > 0 then '退回或追回 ' || cast({{ money(row ~ '.returned') }} as string) || ' 元' end,
        case when {{ row }}.approved > 0
            then '已审批未发放 ' || cast({{ money(row ~ '.approved') }} as string) || ' 元' end,
        case when {{ row }}.paid_amount < {{ row }}.due_amount and {{ row }}.refused_in_ledger > 0
            then '该县 ' || {{ row }}.judged_month || ' 台账有 ' || cast({{ row }}.refused_in_ledger as string)
                || ' 行被拒收，可能含这一笔（见 ops.quarantine）' end,
        case when {{ row }}.frequency = 'one_off' and {{ row }}.due_amount > 0
                and {{ row }}.first_paid_month < {{ row }}.due_month
            then {{ row }}.first_paid_month || ' 发放，先于条件成立的 ' || {{ row }}.due_month end
    ), '')
{%- endmacro %}


{# Each condition column of the entitlements is called what the registry calls the condition. #}
{% macro condition_comments() %}
    {% set conditions = ref("subsidy_conditions") %}
    {% set names = {} %}
    {% for row in (run_query("select condition_key, name_zh from " ~ conditions).rows if execute else []) %}
        {% do names.update({row[0]: row[1]}) %}
    {% endfor %}
    {{ comments_of(this, none, names) }}
{% endmacro %}
