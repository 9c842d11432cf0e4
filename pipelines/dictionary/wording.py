"""Codes, operators and conditions of the registry in Chinese words."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup
from sqlglot import exp

from .lineage import parsed

#: code → words, by the registry column that holds the code; a code that is not listed stands for itself
WORDS: dict[str, dict[str, str]] = {
    "kind": {
        "ratio": "比率",
        "count": "计数",
        "amount": "金额",
        "threshold_share": "达标占比",
        "milestone": "里程碑",
        "parameter": "规则参数",
        "life_table": "生命表",
    },
    "direction": {"higher": "越高越好", "lower": "越低越好", "neutral": "中性"},
    "status": {
        "computable": "可算",
        "computable with stated assumption": "可算，附假设",
        "reported by agency": "部门报送",
        "milestone": "由任务台账判定",
        "rule parameter, not an indicator": "规则参数，不是统计指标",
        "not computable as written": "按原文无法计算",
    },
    "level": {
        "nation": "全国",
        "province": "省级",
        "prefecture": "地级",
        "county": "县级",
        "town": "乡级",
        "village": "村级",
        "region": "任一级",
        "community": "社区（村）",
        "street": "街道",
        "project": "住宅项目",
        "facility": "机构设施",
        "prefecture or county": "市或县",
    },
    "comparability": {"same": "可比", "partial": "部分可比", "not_comparable": "不可比"},
    "stock_or_flow": {"stock": "时点数", "flow": "时期数"},
    "frequency": {"monthly": "按月", "one_off": "一次", "annual": "按年", "standing": "长期"},
    "annual_rule": {"last": "取当年最后一次报送", "sum": "十二个月相加"},
    "aggregate": {"sum": "求和", "distinct": "去重计数", "count_rows": "计行数"},
    "yes": {"yes": "是", "no": "否"},
    "action": {"quarantine": "拒收该行", "flag": "接收并记为发现"},
    "pii": {"identifier": "标识符：接收时换成密钥散列或弃去", "sensitive": "敏感：不逐人公布"},
    "column_kind": {
        "text": "文本",
        "code": "代码",
        "region": "区划代码",
        "identifier": "个人标识",
        "integer": "整数",
        "decimal": "小数",
        "boolean": "是/否",
        "enum": "选项",
        "date": "日期",
        "band": "年龄组",
        "age_from": "年龄下限",
        "age_to": "年龄上限",
    },
    "grain": {
        "one region code and validity interval": "一个区划代码及其一段有效期",
        "region x basis x ref_point x sex x age band": "地区 × 口径 × 时点 × 性别 × 年龄组",
        "region x sex x age band": "地区 × 性别 × 年龄组",
        "one facility": "一处机构或设施",
        "one community or village": "一个社区或村",
        "one housing project or existing estate": "一个新建住宅项目或已建成小区",
        "one person": "一人",
        "one listed person in one month": "名单上一人、一个月",
        "region x item": "地区 × 报表项目",
        "one entry of one government": "一级政府的一笔收支",
        "one payment": "一笔发放",
        "one project": "一个建设项目",
        "one task or milestone of one government": "一级政府的一项任务或里程碑",
    },
    "period_form": {"year": "年度（YYYY）", "month": "月度（YYYY-MM）", "snapshot": "时点（YYYY-MM-DD）"},
    "row_kind": {
        "indicator": "指标",
        "target": "目标",
        "task": "任务",
        "one_off_count": "一次性数量",
        "funding": "资金",
        "standing_rule": "长期规定",
        "baseline": "基数",
        "forecast": "预测",
    },
    "period_rule": {
        "by_year_end": "年末前",
        "standing": "长期有效",
        "every_year": "每年",
        "every_year_from": "自该年起每年",
        "undated": "未注明年份",
    },
    "compare_to": {"value": "指标值", "extreme": "最弱单位的数值", "none": "不比较"},
    "extreme": {"min": "最小", "max": "最大"},
    "role": {"lead": "牵头", "participating": "配合", "shared": "按职责分工"},
    "compared_with": {"province": "所在省", "nation": "全国", "ten_years_before": "十年前"},
    "operator": {">=": "≥", "<=": "≤", "<>": "≠"},
    "year": {"undated": "未注明年份"},
    "table": {"targets": "正文中的目标"},
}


def word(column: str, code: str) -> str:
    """The words for a code of a registry column, else the code."""
    return WORDS[column].get(code, code)


def words(column: str, codes: str, separator: str = "|") -> str:
    """The words for several codes written together."""
    return "、".join(word(column, code) for code in codes.split(separator) if code)


_INFIX: dict[type[exp.Expression], str] = {
    exp.And: " 且 ",
    exp.Or: " 或 ",
    exp.EQ: " = ",
    exp.NEQ: " ≠ ",
    exp.GT: " > ",
    exp.GTE: " ≥ ",
    exp.LT: " < ",
    exp.LTE: " ≤ ",
    exp.Add: " + ",
    exp.Sub: " − ",
    exp.Mul: " × ",
    exp.Div: " ÷ ",
}


class Speaker:
    """SQL expressions in Chinese. `name` writes a column, `meaning` the value that a code of a column stands for."""

    def __init__(self, name: Callable[[str], Markup], meaning: Callable[[str, str], str]) -> None:
        self._name = name
        self._meaning = meaning

    def say(self, text: str) -> Markup:
        """The expression in words; what has no words of its own is shown as SQL."""
        return self._say(parsed(text)) if text else Markup("")

    def _say(self, node: exp.Expression, of: str = "") -> Markup:
        match node:
            case exp.Column():
                return self._name(node.name)
            case exp.Paren():
                return Markup("（{}）").format(self._say(node.this, of))
            case exp.Literal():
                return Markup("{}").format(self._meaning(of, node.name) if node.is_string else node.name)
            case exp.Boolean():
                return Markup("是" if node.this else "否")
            case exp.Cast() if isinstance(node.this, exp.Literal):
                return Markup("{}").format(node.this.name)
            case exp.Cast():
                return self._say(node.this, of)
            case exp.Not() if isinstance(node.this, exp.Is):
                return Markup("{} 已填").format(self._say(node.this.this))
            case exp.Not() if isinstance(node.this, exp.In):
                return self._member(node.this, "不属于")
            case exp.Not():
                return Markup("非 {}").format(self._say(node.this))
            case exp.Is() if isinstance(node.expression, exp.Null):
                return Markup("{} 空白").format(self._say(node.this))
            case exp.In():
                return self._member(node, "属于")
            case exp.Between():
                parts = (self._say(node.args[part]) for part in ("this", "low", "high"))
                return Markup("{} 在 {} 至 {} 之间").format(*parts)
            case exp.Case() if node.this is None:
                cases = [
                    Markup("{} 时 {}").format(self._say(c.this), self._say(c.args["true"])) for c in node.args["ifs"]
                ]
                other = [Markup("否则 {}").format(self._say(node.args["default"]))] if node.args.get("default") else []
                return Markup("，").join([*cases, *other])
            case exp.Coalesce():
                return Markup("，空白时 ").join(self._say(part) for part in (node.this, *node.expressions))
        if type(node) in _INFIX:
            column = node.this.name if isinstance(node.this, exp.Column) else ""
            return Markup(_INFIX[type(node)]).join((self._say(node.this), self._say(node.expression, column)))
        return Markup("<code>{}</code>").format(node.sql(dialect="duckdb"))

    def _member(self, node: exp.In, verb: str) -> Markup:
        listed = Markup("、").join(self._say(value, node.this.name) for value in node.expressions)
        return Markup("{} {} {{{}}}").format(self._say(node.this), verb, listed)
