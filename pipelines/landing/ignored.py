"""Rows below the header that are no data: blank, repeated header, footnote, subtotal (spec §1, in that order)."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from .cells import BLANKS
from .header import Header

FOOTNOTES = (
    "注：", "注:", "备注", "说明", "填报人", "填报单位", "填表人", "审核人", "负责人", "联系电话", "制表", "数据来源",
)  # fmt: skip
SUBTOTAL = re.compile(r"合计|总计|小计|共计|总数|.*(?:小计|合计)")
ANY_SUBTOTAL = r"(?:合\s*计|总\s*计|小\s*计|共\s*计|总\s*数)\s*$"


def ignored_rows(
    data: pl.DataFrame, header_cells: list[str | None], header: Header, facts: dict[str, Any]
) -> pl.Series:
    """'blank', 'repeated_header', 'footnote' or 'subtotal' per row of `data` (columns c0…), null for data rows.

    Only rows with a blank required cell, or a key cell that reads like a header or a total, are looked at one by one.
    """
    places = {name: cells[0] for name, cells in header.cells.items()}
    required = {place for name, place in places.items() if facts[name].required}
    keys = {place for name, place in places.items() if facts[name].key}
    # 合计 under sex or age is a value there (sources.csv)
    totals = {place for name, place in places.items() if _knows_totals(facts[name])}
    titles = [(cell or "").strip(BLANKS) for cell in header_cells]

    suspect = pl.lit(False)
    for place in sorted(required | keys):
        cell = pl.col(f"c{place}")
        suspect = suspect | cell.is_null() | (cell.str.strip_chars(BLANKS) == "")
    for place in sorted(keys - totals):
        cell = pl.col(f"c{place}")
        suspect = suspect | cell.str.contains(ANY_SUBTOTAL) | (cell.str.strip_chars(BLANKS) == titles[place])
    rows = data.with_row_index("at").filter(suspect)
    if rows.is_empty():
        return pl.Series("ignored", [None], dtype=pl.String).new_from_index(0, data.height)
    verdicts = [
        _verdict([(cell or "").strip(BLANKS) for cell in row[1:]], titles, required, keys, totals)
        for row in rows.iter_rows()
    ]
    found = rows.select("at").with_columns(pl.Series("ignored", verdicts, dtype=pl.String))
    return data.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")).join(
        found, on="at", how="left", maintain_order="left"
    )["ignored"]


def _knows_totals(facts: Any) -> bool:
    return facts.kind == "band" or "total" in facts.values.values()


def _verdict(row: list[str], titles: list[str], required: set[int], keys: set[int], totals: set[int]) -> str | None:
    if not any(row):
        return "blank"
    if all(cell == title for cell, title in zip(row, titles, strict=False)) and not any(row[len(titles) :]):
        return "repeated_header"
    first = next(place for place, cell in enumerate(row) if cell)
    if row[first].startswith(FOOTNOTES) and not any(row[place] for place in (required | keys) - {first}):
        return "footnote"
    for place in {0, 1, 2} - totals:
        text = re.sub(r"\s", "", row[place]) if place < len(row) else ""
        if SUBTOTAL.fullmatch(text) and any(not row[key] or re.sub(r"\s", "", row[key]) == text for key in keys):
            return "subtotal"
    return None


def total_rows(frame: pl.DataFrame, key: list[str], total_columns: list[str]) -> pl.Series:
    """True for rows whose sex or age band is a total beside its own parts (population and deaths, sources.csv)."""
    verdict = pl.repeat(False, frame.height, eager=True, dtype=pl.Boolean)
    for column in total_columns:
        group = [name for name in key if name != column]
        is_total = pl.col(column).cast(pl.String) == "total"
        verdict |= frame.select((is_total & (~is_total).any().over(group)).fill_null(False)).to_series()
    # the grand total goes by its whole group: men and women by bands have no row of either total
    region = [name for name in key if name not in total_columns]
    grand = pl.all_horizontal(pl.col(column).cast(pl.String) == "total" for column in total_columns).fill_null(False)
    return verdict | frame.select(grand & (~grand).any().over(region)).to_series()
