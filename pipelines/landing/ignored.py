"""Rows below the header that are no data: blank, repeated header, footnote, subtotal (spec §1, in that order)."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from .cells import BLANKS, EMPTY, read_cell
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
    headers = [titles, list(header.upper)] if header.upper else [titles]

    suspect = pl.lit(False)
    for place in sorted(required | keys):
        cell = pl.col(f"c{place}")
        suspect = suspect | cell.is_null() | (cell.str.strip_chars(EMPTY) == "")
    for place in sorted(keys - totals):
        cell = pl.col(f"c{place}")
        written = [title for row in headers for title in row[place : place + 1] if title]
        suspect = suspect | cell.str.contains(ANY_SUBTOTAL) | cell.str.strip_chars(BLANKS).is_in(written)
    rows = data.with_row_index("at").filter(suspect)
    if rows.is_empty():
        return pl.Series("ignored", [None], dtype=pl.String).new_from_index(0, data.height)
    verdicts = [
        _verdict([(cell or "").strip(EMPTY) for cell in row[1:]], headers, required, keys, totals)
        for row in rows.iter_rows()
    ]
    found = rows.select("at").with_columns(pl.Series("ignored", verdicts, dtype=pl.String))
    return data.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")).join(
        found, on="at", how="left", maintain_order="left"
    )["ignored"]


def _knows_totals(facts: Any) -> bool:
    return facts.kind == "band" or "total" in facts.values.values()


def _verdict(
    row: list[str], headers: list[list[str]], required: set[int], keys: set[int], totals: set[int]
) -> str | None:
    if not any(row):
        return "blank"
    if any(_filled(row) == _filled(titles) for titles in headers):
        return "repeated_header"
    first = next(place for place, cell in enumerate(row) if cell)
    if row[first].startswith(FOOTNOTES) and not any(row[place] for place in (required | keys) - {first}):
        return "footnote"
    return "subtotal" if _subtotal_text(row, keys, totals) else None


def _filled(row: list[str]) -> dict[int, str]:
    return {place: cell for place, cell in enumerate(row) if cell}


def _subtotal_text(row: list[str], keys: set[int], totals: set[int]) -> str:
    """What of the first three cells makes the row a subtotal; '' for none."""
    for place in sorted({0, 1, 2} - totals):
        text = _squeezed(row[place]) if place < len(row) else ""
        if SUBTOTAL.fullmatch(text) and any(not row[key] or _squeezed(row[key]) == text for key in keys):
            return text
    return ""


def _squeezed(cell: str) -> str:
    return re.sub(r"\s", "", cell)


def subtotal_values(
    data: pl.DataFrame, lines: pl.Series, verdicts: pl.Series, header: Header, contract: Any
) -> list[dict[str, Any]]:
    """What the ignored subtotal rows print: `row` (physical), `label` (合计, 城区小计, …), `values` by contract column.

    `data`, `lines` and `verdicts` stand side by side (`ignored_rows`). Values are those of numeric columns, in the
    column's unit; cells that are missing or no number are left out.
    """
    from pipelines.contracts.delivery import facts_of

    facts = facts_of(contract)
    places = {name: cells[0] for name, cells in header.cells.items()}
    keys = {place for name, place in places.items() if facts[name].key}
    totals = {place for name, place in places.items() if _knows_totals(facts[name])}
    numeric = {name: place for name, place in places.items() if facts[name].kind in ("integer", "decimal")}
    told = []
    for line, row in zip(
        lines.filter(verdicts == "subtotal"), data.filter(verdicts == "subtotal").iter_rows(), strict=True
    ):
        read = {
            name: read_cell(row[place], facts[name], multiplier=header.multipliers.get(name)).value
            for name, place in numeric.items()
        }
        label = _subtotal_text([(cell or "").strip(BLANKS) for cell in row], keys, totals)
        values = {name: value for name, value in read.items() if value is not None}
        told.append({"row": line, "label": label, "values": values})
    return told


def total_rows(frame: pl.DataFrame, key: list[str], total_columns: list[str]) -> pl.Series:
    """True for rows whose sex or age band is a total beside its own parts (population and deaths, sources.csv).

    Men and women without bands beside bands of both together are totals, too: a region is read by its bands, and the
    two margins of one table are never added up.
    """
    verdict = pl.repeat(False, frame.height, eager=True, dtype=pl.Boolean)
    for column in total_columns:
        group = [name for name in key if name != column]
        is_total = pl.col(column).cast(pl.String) == "total"
        verdict |= frame.select((is_total & (~is_total).any().over(group)).fill_null(False)).to_series()
    # the grand total goes by its whole group: men and women by bands have no row of either total
    region = [name for name in key if name not in total_columns]
    grand = pl.all_horizontal(pl.col(column).cast(pl.String) == "total" for column in total_columns).fill_null(False)
    verdict |= frame.select(grand & (~grand).any().over(region)).to_series()
    if len(total_columns) == 2:
        sexes, ages = (pl.col(column).cast(pl.String) == "total" for column in total_columns)
        margin = ages & ~sexes & (sexes & ~ages).any().over(region)
        verdict |= frame.select(margin.fill_null(False)).to_series()
    return verdict
