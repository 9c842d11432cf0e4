"""One file to typed rows: everything that follows from its bytes and its contract alone, so it is done once.

What needs the period, other files or the region register is decided later, in `settle`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.delivery import ColumnFacts, facts_of

from .cells import BLANKS
from .grid import Grid, UnreadableFile, read_grids
from .header import SEARCHED_ROWS, Header, UnparsableHeader, find_header
from .ignored import ignored_rows, total_rows
from .masking import masked
from .typed_rows import typed_rows

#: stands for the key of a wide row that has none: known to no register, so the row is refused as unknown_region
NO_CODE = "（无代码）"


@dataclass(frozen=True)
class FileFacts:
    """What is known of a parsed file besides its rows. `reason` is set when nothing could be read from it."""

    reason: str | None = None
    detail: str = ""
    sheet: str | None = None
    delivered: int = 0
    ignored: int = 0
    unmatched: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def parse(path: Path, kind: str, contract: Any, key: bytes) -> tuple[pl.DataFrame, FileFacts]:
    """Typed rows and facts of one delivered file; never raises for what a supplier may have sent.

    Rows: `row` (physical), `ragged`, every contract column, `raw:<column>` where the text differs from the value,
    `not_applicable` and `faults` ('bad_type:beds|…'), `wrong_check_digit` (column names). Identifiers are hashes.
    """
    try:
        grid, header = _first_table(path, kind, contract)
        return _rows(grid, header, contract, key)
    except UnreadableFile as error:
        return empty_rows(contract), FileFacts(error.reason, masked(error.detail) or "")
    except UnparsableHeader as error:
        return empty_rows(contract), FileFacts("unparsable_header", masked(str(error)) or "")


def empty_rows(contract: Any) -> pl.DataFrame:
    """The frame of a file that gave no row."""
    columns = {name: column.dtype for name, column in contract.columns().items() if facts_of(contract)[name].kept}
    marks = {"not_applicable": pl.String, "faults": pl.String, "wrong_check_digit": pl.String}
    return pl.DataFrame(schema={"row": pl.Int64, "ragged": pl.Boolean, **columns, **marks})


def _first_table(path: Path, kind: str, contract: Any) -> tuple[Grid, Header]:
    """The first table with a recognisable header; if there is none, the first table's complaint."""
    complaint: UnparsableHeader | None = None
    for grid in read_grids(path, kind):
        head = [list(row) for row in grid.cells.head(SEARCHED_ROWS).rows()]
        try:
            return grid, find_header(head, contract, canonical=grid.canonical_names)
        except UnparsableHeader as error:
            tried = f"（按{grid.encoding}解码 · decoded as {grid.encoding}）" if grid.encoding == "gb18030" else ""
            complaint = complaint or UnparsableHeader(f"{error}{tried}")
    raise complaint or UnparsableHeader("没有表格 · no table")


def _rows(grid: Grid, header: Header, contract: Any, key: bytes) -> tuple[pl.DataFrame, FileFacts]:
    facts = facts_of(contract)
    header_cells = list(grid.cells.row(header.index))
    data, lines, widths = _below_header(grid, header)
    header = _one_cell_per_column(data, header, facts)
    absent = [] if header.wide else [
        name for name, column in facts.items() if column.derived_from is None and name not in header.cells
    ]  # fmt: skip
    ignored = ignored_rows(data, header_cells, header, facts)
    kept = ignored.is_null()
    ragged = _ragged(data, widths, header)
    rows = pl.DataFrame([lines.alias("row"), ragged.alias("ragged")])
    if not kept.all():
        rows, data = rows.filter(kept), data.filter(kept)
    if header.wide:
        frame = _unpivoted(rows, data, header, contract)
    else:
        frame = rows.with_columns(data[f"c{places[0]}"].alias(name) for name, places in header.cells.items())
    frame = typed_rows(frame, header, grid.serials, contract, key)
    ignored_count = len(kept) - int(kept.sum())
    if totals := [name for name, column in facts.items() if column.key and _knows_totals(column)]:
        total = total_rows(frame, [name for name, column in facts.items() if column.key], totals)
        ignored_count += int(total.sum())
        frame = frame.filter(~total)
    unmatched = [masked(text) or "" for text in header.unmatched]
    return frame, FileFacts(None, "", masked(grid.sheet), len(lines), ignored_count, unmatched, absent)


def _knows_totals(column: ColumnFacts) -> bool:
    return column.kind == "band" or "total" in column.values.values()


def _below_header(grid: Grid, header: Header) -> tuple[pl.DataFrame, pl.Series, pl.Series | None]:
    """Rows from below the header to the last one with a non-blank cell."""
    data = grid.cells.slice(header.index + 1)
    filled = data.tail(1).select(pl.any_horizontal(_filled(pl.all()))).to_series()
    end = data.height
    if data.height and not filled[0]:
        marks = data.select(pl.any_horizontal(_filled(pl.all()))).to_series().arg_true()
        end = int(marks.max()) + 1 if len(marks) else 0
    lines = grid.lines.slice(header.index + 1, end)
    return data.head(end), lines, None if grid.widths is None else grid.widths.slice(header.index + 1, end)


def _filled(cells: pl.Expr) -> pl.Expr:
    return cells.fill_null("").str.strip_chars(BLANKS) != ""


def _one_cell_per_column(data: pl.DataFrame, header: Header, facts: dict[str, ColumnFacts]) -> Header:
    """Two header cells for one column are taken as one where their cells agree in every row (spec §8)."""
    for name, places in header.cells.items():
        for other in places[1:]:
            first = data[f"c{places[0]}"].fill_null("").str.strip_chars(BLANKS)
            if not (first == data[f"c{other}"].fill_null("").str.strip_chars(BLANKS)).all():
                raise UnparsableHeader(f"两列表头都是“{facts[name].title}”，内容不同 · two headers for one column")
    return header


def _ragged(data: pl.DataFrame, widths: pl.Series | None, header: Header) -> pl.Series:
    surplus = data.columns[header.width :]
    ragged = pl.repeat(False, data.height, eager=True, dtype=pl.Boolean)
    if surplus:
        ragged = data.select(pl.any_horizontal(_filled(pl.col(surplus)))).to_series()
    return ragged if widths is None else ragged | (widths < header.width)


def _unpivoted(rows: pl.DataFrame, data: pl.DataFrame, header: Header, contract: Any) -> pl.DataFrame:
    """A wide table in long form: per row one long row for each cell, in the order of the columns."""
    layout = contract.wide_layout
    key = data[f"c{header.cells[layout.key][0]}"].str.strip_chars(BLANKS).replace("", None).fill_null(NO_CODE)
    constants = [pl.lit(text).alias(name) for name, text in layout.constants.items()]
    parts = [
        rows.with_columns(
            key.alias(layout.key),
            data[f"c{place}"].alias(layout.value),
            *constants,
            *[pl.lit(text).alias(name) for name, text in parts.items()],
        )
        for place, parts in header.wide.items()
    ]
    return pl.concat(parts).sort("row", maintain_order=True)
