"""Why a published value changed, as far as the tables of two editions tell it: definition, delivery or program."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import polars as pl

from pipelines.warehouse.attribution import READS

Row = dict[str, Any]

DEFINITION, PROGRAM, REGISTER = "定义改变", "计算程序改变", "文件登记改变"
#: what a table without indicators is counted from
SOURCES = {
    "subsidies": ("subsidy_ledger",),
    "beneficiaries": ("subsidy_ledger",),
    "funds": ("fund_ledger",),
    "document_tasks": ("task_ledger",),
}
#: columns of document_rows that are computed; the others are the register's
COMPUTED = ("actual_value", "baseline_actual", "still_needed", "status")
#: files that are named before the rest is counted
NAMED = 5


class Causes:
    """Compares the definitions and deliveries of two editions once, then answers for each change."""

    def __init__(self, old: dict[str, pl.DataFrame], new: dict[str, pl.DataFrame], is_same_code: bool) -> None:
        self._old, self._new, self._is_same_code = old, new, is_same_code

    def of(self, table: str, row: Row, told: Row, years: str) -> str:
        """The cause of a change in a row; `years`: '2024 → 2025' where the editions are of two years."""
        if table in ("indicators", "measures"):
            return DEFINITION
        if table in ("documents", "regions", "crosswalk", "consistency"):
            return REGISTER
        if table == "deliveries":
            return ""
        if table == "document_rows" and told["column"] not in COMPUTED:
            return REGISTER
        if table == "document_rows" and years and told["column"] != "baseline_actual":
            return years
        indicator = (row.get("indicator_key"), row.get("variant"))
        if indicator in self._redefined:
            return DEFINITION
        sources = SOURCES.get(table) or self._sources.get(indicator, ())
        period = row.get("period") or row.get("actual_period") or row.get("as_of") or ""
        if files := self._files(sources, row.get("region_code"), period[:4]):
            more = f" 等 {len(files)} 个" if len(files) > NAMED else ""
            return "；".join(files[:NAMED]) + more
        return "" if self._is_same_code else PROGRAM

    def _files(self, sources: tuple[str, ...], region: str | None, year: str) -> list[str]:
        """Changed deliveries of the sources that reach the region: those of the year, else of earlier years, else what
        other sources they read, else the register of regions.
        """
        read = tuple(other for source, other in READS if source in sources)
        for asked in (sources, read, ("regions",)):
            reaching = [
                one
                for one in self._deliveries
                if one["source"] in asked and (asked == ("regions",) or self._is_kin(one["supplier"], region))
            ]
            of_year = [one["path"] for one in reaching if one["period"][:4] == year]
            if found := of_year or [one["path"] for one in reaching if one["period"][:4] <= year]:
                return found
        return []

    def _is_kin(self, supplier: str, region: str | None) -> bool:
        """The supplier is the region, above it or beneath it. Suppliers that are not published lie above what is."""
        if region is None or supplier not in self._parents:
            return True
        return supplier in self._line(region) or region in self._line(supplier)

    def _line(self, region: str) -> list[str]:
        line = [region]
        while (parent := self._parents.get(line[-1])) and parent not in line:
            line.append(parent)
        return line

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        frames = [side["regions"].select("region_code", "parent_code") for side in (self._old, self._new)]
        return dict(pl.concat(frames).iter_rows())

    @cached_property
    def _deliveries(self) -> list[Row]:
        """Files that came, went or changed their content, by path."""
        columns = ("path", "source", "period", "supplier", "sha256")
        before, after = (set(side["deliveries"].select(columns).iter_rows()) for side in (self._old, self._new))
        named = {row[0]: dict(zip(columns, row, strict=True)) for row in before ^ after}
        return [named[path] for path in sorted(named)]

    @cached_property
    def _redefined(self) -> set[tuple[str, str]]:
        key = ("indicator_key", "variant")
        before, after = (
            {tuple(row[k] for k in key): row for row in side["indicators"].drop("document_rows").to_dicts()}
            for side in (self._old, self._new)
        )
        counted = {"measure_key", "source", "stock_or_flow", "annual_rule"}
        old, new = (
            {row["measure_key"]: {name: row[name] for name in counted} for row in side["measures"].to_dicts()}
            for side in (self._old, self._new)
        )
        changed = {measure for measure in old.keys() | new.keys() if old.get(measure) != new.get(measure)}
        return {
            one
            for one, row in after.items()
            if before.get(one) != row or changed & {row["numerator_measure"], row["denominator_measure"]}
        }

    @cached_property
    def _sources(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Indicator and variant → the sources of its measures."""
        counted = dict(self._new["measures"].select("measure_key", "source").iter_rows())
        parts = ("numerator_measure", "numerator_addend", "denominator_measure")
        return {
            (row["indicator_key"], row["variant"]): tuple({counted[row[p]]: None for p in parts if row[p] in counted})
            for row in self._new["indicators"].to_dicts()
        }
