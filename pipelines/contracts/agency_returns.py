"""部门统计报表: region x item."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import polars as pl
from polars import Expr

from pipelines.contracts import SEEDS
from pipelines.settings import Settings

from .delivery import Delivery, code, col, quantity, region, rule, text

#: every unit of the item list: any of them may follow a value, the item decides (rule unit_matches)
UNITS = ("人", "个", "张", "家", "项", "起", "台", "平方米", "元/年", "岁", "人次")


@cache
def items() -> dict[str, dict[str, str]]:
    """The items a department may report: code → row of the seed that the warehouse reads too."""
    with Settings.from_environment().seed(SEEDS["agency_returns"]).open(encoding="utf-8", newline="") as lines:
        return {row["item_code"]: row for row in csv.DictReader(lines)}


def codes_by_name() -> dict[str, str]:
    """Printed item name → item code."""
    return {row["name_zh"]: item for item, row in items().items()}


def of_item(fact: str) -> Expr:
    """A fact of the row's item: min and max as exact decimals, unit as text; null for an unknown item."""
    known = {item: row[fact] for item, row in items().items() if row[fact]}
    dtype = pl.String if fact == "unit" else pl.Decimal(38, 6)
    facts = pl.Series(known.values(), dtype=pl.String).cast(dtype)
    return col("item_code").replace_strict(pl.Series(known.keys(), dtype=pl.String), facts, default=None)


def in_percent() -> Expr:
    """Items whose unit is %: there a percent sign may follow the value (spec §8)."""
    return of_item("unit") == "%"


def _item_of(row: Mapping[str, str | None]) -> dict[str, str]:
    """The item that a delivered row names, by code or in words; empty for an unknown one."""
    written = (row.get("item_code") or "").strip()
    return items().get(codes_by_name().get(written, written), {})


def expected_range(row: Mapping[str, str | None]) -> str:
    """The bounds of the row's item, in words."""
    item = _item_of(row)
    return f"{item['name_zh']}应在 {item['min']} 到 {item['max']} {item['unit']}之间" if item else ""


def expected_unit(row: Mapping[str, str | None]) -> str:
    """The unit of the row's item, in words."""
    item = _item_of(row)
    return f"{item['name_zh']}的单位应为 {item['unit']}" if item else ""


class AgencyReturns(Delivery):
    """region x item."""

    source = "agency_returns"
    title_zh = "部门统计报表"
    grain = "region x item"
    period_form = "year"
    supplier_department = "各部门(人社、医保、卫健、教育、市监…)"

    region_code = region("区划代码", "地区代码", "行政区划代码", key=True, note="本级数优先于下级之和")
    item_code = code(
        "指标代码",
        "项目代码",
        key=True,
        named_by="指标名称",
        names=codes_by_name,
        note="见部门报表项目表；表头为指标名称时按名称对应",
    )

    @rule("在部门报表项目表中")
    def known_item(cls) -> Expr:
        return col("item_code").is_in(list(items()))

    value = quantity(
        "数值",
        "本年值",
        "本期数",
        percent_if=in_percent,
        more_units=UNITS,
        unit_column="unit",
        note="空白、-、— 为缺；不适用不计",
    )

    @rule("在项目上下限内", reason="out_of_range", expects=expected_range)
    def item_range(cls) -> Expr:
        return (col("value") >= of_item("min")) & (col("value") <= of_item("max"))

    unit = text("计量单位", "单位", note="万+单位先换算")

    @rule("与项目单位一致", expects=expected_unit)
    def unit_matches(cls) -> Expr:
        return col("unit").is_null() | (col("unit") == of_item("unit"))

    reporter = text("填报部门", "报送部门")
