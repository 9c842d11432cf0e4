"""Every reason code in the words of a supplier: what is wrong with a cell, a row or a file, and what to do about it.

Titles, allowed values, bounds, units and rules come from the contracts; what is said here holds for every source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from pipelines.contracts import contract_of
from pipelines.contracts.delivery import LEVELS, ColumnFacts, RuleFacts, facts_of, rules_of

from .cells import BLANKS
from .header import LACKS_COLUMNS
from .masking import masked

#: longest text of a cell that is repeated to its supplier
SHOWN = 60
ERROR_CELL = re.compile(r"#\S+")

#: code of reason_codes.csv → its short name; `rule:` and `flag:` rules have the title of their contract
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "unreadable_file": "文件打不开",
        "encoding": "文字编码不对",
        "bad_filename": "文件名或所在文件夹不对",
        "unparsable_header": "没有可识别的表头",
        "missing_required": "必填单元格空白",
        "bad_type": "内容读不出",
        "bad_enum": "不在可填范围",
        "out_of_range": "超出上下限",
        "duplicate_key": "主键重复",
        "unknown_region": "区划代码无效",
        "ambiguous_region": "旧区划代码对应多个现行代码",
        "out_of_jurisdiction": "不属于报送单位",
        "unknown_facility": "查无此机构",
        "ragged_row": "单元格数与表头不符",
        "rule:bands_partition": "年龄组应首尾相接",
        "rule:sex_pair": "只报合计，或男女成对",
        "ignored:subtotal": "合计、小计行，不计入",
        "ignored:footnote": "注释、填报人等行，不计入",
        "ignored:blank": "空行，不计入",
        "ignored:repeated_header": "重复的表头，不计入",
        "superseded": "已被后来的修订或下级单位的交付替代",
        "finding:parent_child_gap": "本级数与下级之和不符",
        "finding:code_mapped": "旧区划代码已换成现行代码",
        "finding:stale_period": "全年取数来自12月以前的月份",
        "finding:incomplete": "应报单位未报齐",
        "finding:band_not_aligned": "年龄组在所需年龄处没有分界",
        "finding:estimated": "推算数",
        "finding:subtotal_mismatch": "所印小计与各行之和不符",
        "finding:vanished": "上期有、本期无，又未填关停",
        "finding:missing_cells": "合计时略去的空白单元格",
        "finding:population_unknown": "社区人口空白",
        "finding:unknown_units": "达标与否不明的单位",
        "finding:no_norm": "没有适用的面积标准",
        "finding:unmatched_column": "约定中没有这一列，未读入",
        "finding:id_check_digit": "证件号校验码不符",
        "finding:changed_in_place": "同名文件内容已换",
        "finding:still_being_written": "文件尚未写完，下次运行时接收",
        "finding:file_rejected": "整份未接收",
        "finding:correction_stale": "更正已不符合原文",
        "finding:correction_invalid": "更正写法有误",
    }
)
FILE_REASONS = ("unreadable_file", "encoding", "bad_filename", "unparsable_header")
FILE_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "unreadable_file": "在 Excel 或 WPS 中打开原表，另存为 .xlsx（不加密码）或 UTF-8 的 .csv，确认能打开后重报。",
        "encoding": "把表另存为“CSV UTF-8”或 .xlsx 后重报；文字已成问号的，从原系统重新导出。",
        "bad_filename": "放入 raw/<来源>/<时期>/，文件名为6位区划代码，如 511702.xlsx；修订加 _r2、_r3…。",
        "unparsable_header": "表头须在前20行内，用约定的列名，必填列齐全，同一列不出现两次；缺的列补上后重报。",
    }
)
GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "bands_partition": (
            "同一地区、同一性别的年龄组应从0岁起首尾相接、不重叠、不中断，最后一组为开口组（如“85岁及以上”）",
            "补齐或改正该组的全部年龄组；组内有一行被拒收，其余行也一并拒收，改好那一行即可。",
        ),
        "sex_pair": (
            "一个地区或者只报合计，或者报男、女两组且年龄组相同",
            "补上缺的性别，或把两组的年龄组改成一致；组内有一行被拒收，其余行也一并拒收，改好那一行即可。",
        ),
    }
)
ERROR_REMEDY = "改正公式，或把结果“选择性粘贴为数值”后填入。"
#: kind of column → what cannot be read there, and a correct cell
READABLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "integer": ("不是整数", "只填整数，如 120、1,234 或 1.2万；不写“约”“近”“以上”。"),
        "decimal": ("不是数", "只填数，如 1234.5 或 1.2万；不写“约”“近”，负数写 -5。"),
        "boolean": ("不是“是”或“否”", "只填“是”或“否”（也可写 √、×，有、无，1、0）。"),
        "date": ("不是日期", "写成 2024-03-05 或 2024年3月5日；只知道月份的写 2024-03。"),
        "code": ("不是完整的代码", "把单元格设为“文本”格式，重新填写全部字符；不要成为科学计数（如 5.11702E+08）。"),
        "region": ("不是完整的区划代码", "把单元格设为“文本”格式，重新填写6、9或12位数字，如 511702。"),
        "identifier": ("不是完整的编号", "把单元格设为“文本”格式，重新填写全部字符。"),
        "citizen_number": ("不是15位或18位证件号", "把单元格设为“文本”格式后逐位重填；Excel 的数字只留15位。"),
        "text": ("读不出文字", "重新填写文字。"),
        "enum": ("不是可填的选项", "从可填范围中选一个填入，一字不差。"),
        "band": ("读不出年龄组", "写成 0岁、1-4岁 或 85岁及以上。"),
    }
)  # fmt: skip
REGION_REMEDY = (
    "改填期末有效的区划代码：可在国家统计局“统计用区划代码”或行政区划名录（raw/regions）中按地名查找；"
    "新设、撤并的地区先请区划主管单位更新名录。"
)


class Row(NamedTuple):
    """What is known of a refused row: by contract column its delivered texts and the header that its supplier wrote;
    who delivered it, the row whose key it repeats, and the last day of its period."""

    texts: Mapping[str, str | None] = MappingProxyType({})
    titles: Mapping[str, str] = MappingProxyType({})
    supplier: str = ""
    first_row: int | None = None
    period_end: str = ""

    def titled(self, contract: Any, column: str) -> ColumnFacts:
        """The facts of a column, under the header by which its supplier knows it."""
        facts = facts_of(contract)[column]
        return replace(facts, aliases=(self.titles.get(column) or facts.title, *facts.aliases))


NO_ROW = Row()


class Words(NamedTuple):
    """What is wrong, with the value written and what is allowed; and what to do."""

    what: str
    remedy: str


def title_of(code: str, contract: Any = None) -> str:
    """The short name of a reason or finding; of a rule, its title in `contract`."""
    bare = code.removeprefix("finding:")
    if bare.startswith(("rule:", "flag:")) and contract is not None:
        name = bare.partition(":")[2]
        if title := next((rule.title for rule in rules_of(contract) if rule.name == name), None):
            return title
    return TITLES.get(code) or TITLES.get(f"finding:{bare}") or code


def of_file(reason: str, detail: str = "") -> Words:
    """A file that was refused as a whole; `detail` is what its reader found."""
    title = "" if detail.startswith(LACKS_COLUMNS) else TITLES[reason]
    return Words("：".join(filter(None, [title, masked(detail)])), FILE_REMEDIES[reason])


def shown(facts: ColumnFacts | None, text: str | None) -> str:
    """A cell as it may be repeated: nothing of what tells of a person, or of a column that no contract knows."""
    bare = (text or "").strip(BLANKS)
    if not bare:
        return ""
    if facts is None or facts.pii != "none":
        return "***"
    clean = masked(re.sub(r"\s+", " ", bare)) or ""
    return clean if len(clean) <= SHOWN else f"{clean[:SHOWN]}…"


def of_row(contract: Any, reason: str, column: str | None, row: Row = NO_ROW) -> Words:
    """One failure of a row."""
    if column is None:
        return _ragged()
    facts = row.titled(contract, column)
    cell = _quoted(facts, row.texts.get(column))
    kind, _, name = reason.partition(":")
    if kind == "rule":
        return _rule(contract, name, row)
    if reason == "duplicate_key":
        return _duplicate(contract, row)
    if reason == "out_of_jurisdiction":
        owner = f"报送单位 {row.supplier} " if row.supplier else "报送单位"
        return Words(f"{cell}不是{owner}本身或其下级", "删去这一行，由该地区的单位报送；代码填错的改正代码。")
    if reason == "unknown_facility":
        register = "或".join(contract_of(referred).title_zh for referred in facts.references)
        return Words(
            f"{cell}在同月（或当年此前最近一月）的{register}中查不到",
            f"核对{facts.title}；名册中确实没有的，先补报{register}，再重报本表。",
        )
    if reason in ("unknown_region", "ambiguous_region"):
        return _region(facts, cell, reason, row.period_end)
    return _cell(contract, facts, cell, reason, column, row)


def _quoted(facts: ColumnFacts, text: str | None) -> str:
    """床位数“约20” — and without the text where it is empty or must not be repeated."""
    value = shown(facts, text)
    return facts.title if value in ("", "***") else f"{facts.title}“{value}”"


def _cell(contract: Any, facts: ColumnFacts, cell: str, reason: str, column: str, row: Row) -> Words:
    text = (row.texts.get(column) or "").strip(BLANKS)
    if reason == "missing_required":
        return Words(
            f"{cell}为必填，{'不能填“不适用”' if text else '不能空白'}", f"补上{facts.title}：{_allowed(facts)}"
        )
    if reason == "bad_enum":
        return Words(f"{cell}不在可填范围：{_choices(facts)}", "改成可填范围中的一个，一字不差。")
    if reason == "out_of_range":
        ruled = next((r for r in rules_of(contract) if r.column == column and r.reason == reason), None)
        bounds = _expected(ruled, row) if ruled else in_bounds(facts.minimum, facts.maximum, facts.unit)
        return Words(
            f"{cell}超出上下限，{bounds}", f"核对数值和单位{f'（{facts.unit}）' if facts.unit else ''}后改正。"
        )
    if reason == "bad_type":
        if ERROR_CELL.fullmatch(text):
            return Words(f"{cell}是错误值或没有结果的公式", ERROR_REMEDY)
        unit = f"本列单位是{facts.unit}。" if facts.unit else ""
        blank = "" if facts.required else "没有的留空白。"
        return Words(f"{cell}{_readable(facts)[0]}", f"{_readable(facts)[1]}{blank}{unit}")
    raise KeyError(reason)


def _readable(facts: ColumnFacts) -> tuple[str, str]:
    return READABLE["citizen_number" if facts.citizen_number else facts.kind]


def _allowed(facts: ColumnFacts) -> str:
    """What a correct cell looks like."""
    return f"{_choices(facts)}。" if facts.kind == "enum" else _readable(facts)[1]


def _choices(facts: ColumnFacts) -> str:
    return "、".join(facts.values)


def in_bounds(least: int | Decimal | None, most: int | Decimal | None, unit: str = "") -> str:
    """应在 0 到 5,000 之间（张） — with one bound, not below or not above it."""
    written = f"（{unit}）" if unit else ""
    if least is not None and most is not None:
        return f"应在 {least:,} 到 {most:,} 之间{written}"
    return f"应不小于 {least:,}{written}" if least is not None else f"应不大于 {most:,}{written}"


def _expected(rule: RuleFacts, row: Row) -> str:
    return (rule.expects(row.texts) if rule.expects else "") or f"须{rule.title}"


def involved(contract: Any, reason: str, column: str | None) -> list[str]:
    """The delivered columns that a failure speaks of: those of the rule, of the key, else the one column."""
    facts = facts_of(contract)
    if reason == "duplicate_key":
        return [name for name, known in facts.items() if known.key]
    rule = next((r for r in rules_of(contract) if reason == f"rule:{r.name}"), None)
    if rule is None:
        return [] if column is None else [column]
    asked = [name.removesuffix(".parent") for name in rule.expression(contract).meta.root_names()]
    delivered = [facts[name].derived_from or name for name in asked if name in facts]
    return list(dict.fromkeys([rule.column, *delivered]))


def _rule(contract: Any, name: str, row: Row) -> Words:
    if name in contract.group_rules:
        return Words(*GROUPS[name])
    rule = next(rule for rule in rules_of(contract) if rule.name == name)
    columns = {column: row.titled(contract, column) for column in involved(contract, f"rule:{name}", rule.column)}
    titles = "、".join(facts.title for facts in columns.values())
    values = "，".join(
        f"{facts.title} {shown(facts, row.texts[column]) or '空白'}"
        for column, facts in columns.items()
        if column in row.texts
    )
    expected = rule.expects(row.texts) if rule.expects else ""
    what = "：".join(filter(None, [f"不符合“{rule.title}”", values]))
    return Words("，".join(filter(None, [what, expected])), f"核对{titles}：{rule.title}。")


def _duplicate(contract: Any, row: Row) -> Words:
    key = {name: row.titled(contract, name) for name in involved(contract, "duplicate_key", None)}
    titles = "、".join(facts.title for facts in key.values())
    values = [shown(facts, row.texts.get(name)) for name, facts in key.items()]
    written = f"（{'，'.join(values)}）" if all(values) and "***" not in values else ""
    where = f"与第 {row.first_row} 行重复" if row.first_row else "与另一行或另一份文件中的行重复"
    return Words(f"{titles}{written}{where}，保留在先的一行", f"删去多余的一行；不是同一对象的，改正{titles}。")


def _region(facts: ColumnFacts, cell: str, reason: str, period_end: str) -> Words:
    if reason == "ambiguous_region":
        return Words(
            f"{cell}是旧代码，已分到几个现行地区", f"改填现行的{facts.title}，或在本行填上期末有效的乡级代码。"
        )
    level = f"，或不是{LEVELS[facts.level]}代码" if facts.level else ""
    day = f"本期末（{period_end}）" if period_end else "期末"
    return Words(f"{cell}不是{day}有效的区划代码{level}", REGION_REMEDY)


def _ragged() -> Words:
    return Words(
        "这一行的单元格比表头多或少，各列已经错位",
        "检查多余或缺少的逗号（文字里的逗号用中文“，”，或给整格加英文双引号），表头以外的列删去。",
    )
