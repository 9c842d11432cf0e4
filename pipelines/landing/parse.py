"""One file to typed rows: everything that follows from its bytes and its contract alone, so it is done once.

What needs the period, other files or the region register is decided later, in `settle`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.delivery import ColumnFacts, facts_of

from .cells import BLANKS, EMPTY, MISSING
from .columns import plain_columns
from .grid import Grid, UnreadableFile, read_grids
from .header import SEARCHED_ROWS, Header, UnparsableHeader, find_header
from .ignored import ignored_rows, subtotal_values, total_rows
from .limits import refuse_slow_file
from .masking import masked, masked_in
from .typed_rows import typed_rows, written

#: stands before the key of a wide row that has none: known to no register, so the row is refused as unknown_region
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
    #: what printed totals say: row, label, values (exact, as text) by column
    subtotals: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


class Parsing:
    """One delivered file to typed rows, part by part. `facts` holds once the parts are exhausted.

    Rows: `row` (physical), `ragged`, every contract column, `raw:<column>` where the text differs from the value,
    `not_applicable` and `faults` ('bad_type:beds|…'), `wrong_check_digit` (column names). Identifiers are hashes.
    """

    def __init__(self, path: Path, kind: str, contract: Any, key: bytes, encoding: str | None = None) -> None:
        self._path, self._kind, self._contract, self._key, self._encoding = path, kind, contract, key, encoding
        self.facts = FileFacts()

    def parts(self) -> Iterator[pl.DataFrame]:
        """Raises nothing for what a supplier may have sent but EncodingChanged: then all begins anew.

        Where `facts.reason` is set in the end, nothing of the file counts, nor the parts that came before the fault.
        """
        try:
            table = first_table(read_grids(self._path, self._kind, self._encoding), self._contract)
            parts = self._typed(table)
            if totals := [name for name, column in facts_of(self._contract).items() if _is_total_key(column)]:
                parts = self._without_totals(parts, totals)
            yield from parts
        except UnreadableFile as error:
            self.facts = FileFacts(error.reason, masked(error.detail) or "")
        except UnparsableHeader as error:
            self.facts = FileFacts("unparsable_header", masked(str(error)) or "")

    def _typed(self, table: Table) -> Iterator[pl.DataFrame]:
        header, facts = table.header, facts_of(self._contract)
        absent = [] if header.wide else [
            name for name, column in facts.items() if column.derived_from is None and name not in header.cells
        ]  # fmt: skip
        unmatched = [masked_in(self._contract, text) or "" for text in header.unmatched]
        self.facts = FileFacts(None, "", masked_in(self._contract, table.sheet), 0, 0, unmatched, absent)
        blank_end, began = 0, time.monotonic()
        for grid in table.below:
            refuse_slow_file(time.monotonic() - began)
            rows, end = _filled_rows(grid)
            if not end:
                blank_end += grid.cells.height
                continue
            delivered = blank_end + end
            parts, ignored, subtotals = _rows(rows, table, self._contract, self._key)
            self.facts = replace(
                self.facts,
                delivered=self.facts.delivered + delivered,
                ignored=self.facts.ignored + ignored + blank_end,
                subtotals=self.facts.subtotals + subtotals,
            )
            blank_end = grid.cells.height - end
            yield parts

    def _without_totals(self, parts: Iterator[pl.DataFrame], totals: list[str]) -> Iterator[pl.DataFrame]:
        """Totals beside their own parts are told only from all rows of the file."""
        frames = list(parts)
        if not frames:
            return
        frame = pl.concat(frames, how="diagonal")
        total = total_rows(frame, [n for n, column in facts_of(self._contract).items() if column.key], totals)
        self.facts = replace(self.facts, ignored=self.facts.ignored + int(total.sum()))
        yield frame.filter(~total)


@dataclass(frozen=True)
class Table:
    """The table of a file that is read: its header, and the rows below it part by part."""

    header: Header
    #: the row of the header right above the data
    header_cells: list[str | None]
    sheet: str | None
    below: Iterator[Grid]


def empty_rows(contract: Any) -> pl.DataFrame:
    """The frame of a file that gave no row."""
    columns = {name: column.dtype for name, column in contract.columns().items() if facts_of(contract)[name].kept}
    marks = {"not_applicable": pl.String, "faults": pl.String, "wrong_check_digit": pl.String}
    return pl.DataFrame(schema={"row": pl.Int64, "ragged": pl.Boolean, **columns, **marks})


def first_table(grids: Iterator[Grid], contract: Any) -> Table:
    """The first table with a recognisable header; if there is none, the first table's complaint."""
    complaint: UnparsableHeader | None = None
    for parts in _tables(grids):
        top = _top(parts)
        head = [list(row) for row in top.cells.head(SEARCHED_ROWS + 1).rows()]
        try:
            header = find_header(
                head, contract, canonical=top.canonical_names, lines=top.lines.head(len(head)).to_list()
            )
        except UnparsableHeader as error:
            tried = f"（按{top.encoding}解码 · decoded as {top.encoding}）" if top.encoding == "gb18030" else ""
            complaint = complaint or UnparsableHeader(f"{error}{tried}")
            continue
        start = header.index + header.rows
        widths = None if top.widths is None else top.widths.slice(start)
        below = replace(top, cells=top.cells.slice(start), lines=top.lines.slice(start), widths=widths)
        return Table(header, head[start - 1], top.sheet, chain([below], parts))
    raise complaint or UnparsableHeader("没有表格 · no table")


def _tables(grids: Iterator[Grid]) -> Iterator[Iterator[Grid]]:
    """The parts of each table of a file."""
    tables = 0

    def table(grid: Grid) -> int:
        nonlocal tables
        tables += grid.part == 0
        return tables

    return (parts for _, parts in groupby(grids, table))


def _top(parts: Iterator[Grid]) -> Grid:
    """The first parts of a table, as many as hold the rows in which a header is looked for."""
    top = next(parts)
    while top.cells.height <= SEARCHED_ROWS and (more := next(parts, None)) is not None:
        both = [top, more]
        cells, lines = pl.concat([g.cells for g in both], how="diagonal"), pl.concat([g.lines for g in both])
        top = replace(top, cells=cells, lines=lines, widths=pl.concat([_widths(g) for g in both]))
    return top


def _widths(grid: Grid) -> pl.Series:
    even = pl.Series([grid.cells.width], dtype=pl.Int64)
    return even.new_from_index(0, grid.cells.height) if grid.widths is None else grid.widths


def _rows(grid: Grid, table: Table, contract: Any, key: bytes) -> tuple[pl.DataFrame, int, list[dict[str, Any]]]:
    """Typed rows of one part, how many of its rows are no data, and what printed totals among those say."""
    subtotals: list[dict[str, Any]] = []
    header, facts, data = table.header, facts_of(contract), grid.cells
    narrow = range(data.width, header.width)
    data = data.with_columns(pl.lit(None, dtype=pl.String).alias(f"c{place}") for place in narrow)
    _refuse_differing(data, header, facts)
    rows = pl.DataFrame([grid.lines.alias("row"), _ragged(grid, header).alias("ragged")])
    if header.wide:
        ignored = ignored_rows(data, table.header_cells, header, facts)
        kept = ignored.is_null()
        frame = _unpivoted(rows.filter(kept), data.filter(kept), header, contract)
        plain = plain_columns(written(frame, header, contract), contract, header.multipliers)
    else:
        frame = rows.with_columns(data[f"c{places[0]}"].alias(name) for name, places in header.cells.items())
        plain = plain_columns(written(frame, header, contract), contract, header.multipliers)
        odd = plain.select(pl.any_horizontal(_looks_odd(name, frame, facts) for name in header.cells)).to_series()
        ignored = pl.Series([None], dtype=pl.String).new_from_index(0, data.height)
        if odd.any():
            verdicts = ignored_rows(data.filter(odd), table.header_cells, header, facts)
            subtotals = subtotal_values(data.filter(odd), grid.lines.filter(odd), verdicts, header, contract)
            ignored = ignored.scatter(odd.arg_true(), verdicts)
            kept = ignored.is_null()
            frame, plain = frame.filter(kept), plain.filter(kept)
    frame = typed_rows(frame, plain, header, grid.serials, contract, key)
    exact = [told | {"values": {name: str(value) for name, value in told["values"].items()}} for told in subtotals]
    return frame, len(ignored) - ignored.null_count(), exact


def _looks_odd(name: str, frame: pl.DataFrame, facts: dict[str, ColumnFacts]) -> pl.Expr:
    """Rows that may be no data: a key or required cell that is not plainly written. Keys are codes, dates or words of a
    closed list, so no total, footnote or repeated heading is one."""
    column = facts[name]
    if not (column.required or column.key):
        return pl.lit(False)
    if column.kind == "band":
        return pl.lit(~frame[name].fill_null("").str.contains("[0-9]"))
    return pl.col(name).is_null()


def _filled_rows(grid: Grid) -> tuple[Grid, int]:
    """The part up to its last row with a non-blank cell, and how many rows those are."""
    cells, end = grid.cells, grid.cells.height
    last = cells.tail(1).select(pl.any_horizontal(_filled(pl.all()))).to_series()
    if cells.height and not last[0]:
        marks = cells.select(pl.any_horizontal(_filled(pl.all()))).to_series().arg_true()
        end = int(marks.max()) + 1 if len(marks) else 0
    if end == cells.height:
        return grid, end
    widths = None if grid.widths is None else grid.widths.head(end)
    return replace(grid, cells=cells.head(end), lines=grid.lines.head(end), widths=widths), end


def _filled(cells: pl.Expr) -> pl.Expr:
    return cells.fill_null("").str.strip_chars(EMPTY) != ""


def _refuse_differing(data: pl.DataFrame, header: Header, facts: dict[str, ColumnFacts]) -> None:
    """Two header cells for one column are taken as one where their cells agree in every row (spec §8)."""
    for name, places in header.cells.items():
        for other in places[1:]:
            first = data[f"c{places[0]}"].fill_null("").str.strip_chars(BLANKS)
            if not (first == data[f"c{other}"].fill_null("").str.strip_chars(BLANKS)).all():
                raise UnparsableHeader(f"两列表头都是“{facts[name].title}”，内容不同 · two headers for one column")


def _ragged(grid: Grid, header: Header) -> pl.Series:
    surplus = grid.cells.columns[header.width :]
    height = grid.cells.height
    if grid.widths is None:
        ragged = pl.repeat(grid.cells.width < header.width, height, eager=True, dtype=pl.Boolean)
    else:
        ragged = grid.widths < header.width
    if surplus:
        ragged |= grid.cells.select(pl.any_horizontal(_filled(pl.col(surplus)))).to_series()
    return ragged


def _is_total_key(column: ColumnFacts) -> bool:
    return column.key and (column.kind == "band" or "total" in column.values.values())


def _unpivoted(rows: pl.DataFrame, data: pl.DataFrame, header: Header, contract: Any) -> pl.DataFrame:
    """A wide table in long form: per row one long row for each cell, in the order of the columns."""
    layout = contract.wide_layout
    # the yearbook writes NA where a zone has no code
    key = data[f"c{header.cells[layout.key][0]}"].str.strip_chars(BLANKS).fill_null("")
    key = key.str.replace(f"^({MISSING.pattern})?$", f"{NO_CODE}$1")
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
