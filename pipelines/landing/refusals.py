"""The refused rows of one file as their supplier wrote them, and every failure of theirs in words.

The file is read again exactly as landing reads it, so rows, header and sheet agree with the quarantine. What tells of
a person is blotted out here, before anything is written or shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from pipelines.contracts.delivery import facts_of

from .cells import BLANKS, read_cell
from .csv_text import GB18030, EncodingChanged
from .grid import Grid, UnreadableFile, read_grids
from .header import Header, UnparsableHeader
from .masking import masked, masked_in, masked_text, tells_of_persons
from .parse import first_table
from .reasons import Row, involved, of_row, shown, title_of

#: what is asked of a frame of failures
FAULT = ["row_number", "reason", "column"]


@dataclass(frozen=True)
class DeliveredRows:
    """Some rows of a delivered table. `rows`: physical row → its cells; `places`: contract column → cell index."""

    titles: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    #: cell index → value column, of a wide layout
    wide: frozenset[int] = frozenset()
    rows: dict[int, list[str | None]] = field(default_factory=dict)
    #: row that repeats a key → the first row of the file that holds it
    repeats: dict[int, int] = field(default_factory=dict)
    sheet: str | None = None

    @cached_property
    def titles_by_column(self) -> dict[str, str]:
        """Contract column → header as written."""
        return {name: self.titles[place] for name, place in self.places.items()}

    def texts(self, row_number: int) -> dict[str, str | None]:
        """Contract column → delivered text of a row; empty for a row that was not read."""
        cells = self.rows.get(row_number, [])
        return {name: cells[place] for name, place in self.places.items() if place < len(cells)}


class Refusal(NamedTuple):
    """One failure of one row, in words. `value` may be shown; `places` are the cells to look at."""

    row_number: int
    reason: str
    title: str
    column: str | None
    column_title: str
    value: str
    what: str
    remedy: str
    places: tuple[int, ...]


def delivered_rows(
    path: Path, kind: str, contract: Any, wanted: list[int], refused: pl.Series, repeated: list[int]
) -> DeliveredRows:
    """The physical rows `wanted` of a delivered file; for those of `repeated` (duplicate keys) also the row that they
    repeat, which is none of the `refused` ones. A file that can no longer be read, because it changed meanwhile, gives
    no rows.
    """

    def read(encoding: str | None = None) -> DeliveredRows:
        found, keys = _read(read_grids(path, kind, encoding), contract, wanted, repeated)
        if not keys:
            return found
        return replace(found, repeats=_first_rows(read_grids(path, kind, encoding), contract, found, refused, keys))

    try:
        try:
            return read()
        except EncodingChanged:
            return read(GB18030)
    except (UnreadableFile, UnparsableHeader):
        return DeliveredRows()


def _read(
    grids: Iterator[Grid], contract: Any, wanted: list[int], repeated: list[int]
) -> tuple[DeliveredRows, dict[int, list[str]]]:
    """The rows `wanted`, blotted; and the keys of those `repeated` as written, by which alone equal rows are found:
    they are neither kept nor shown.
    """
    table = first_table(grids, contract)
    places = {name: cells[0] for name, cells in table.header.cells.items()}
    key = [places[name] for name in involved(contract, "duplicate_key", None) if name in places]
    rows: dict[int, list[str | None]] = {}
    keys: dict[int, list[str]] = {}
    for grid in table.below:
        rows |= _cells_of(grid, wanted, partial(masked_text, contract) if tells_of_persons(contract) else str)
        for line, cells in (_cells_of(grid, repeated, str) if repeated else {}).items():
            keys[line] = [(cells[place] or "").strip(BLANKS) if place < len(cells) else "" for place in key]
        if len(rows) == len(wanted):
            break
    titles = _titles(table.header_cells, table.header, contract)
    sheet = masked_in(contract, table.sheet)
    return DeliveredRows(titles, places, frozenset(table.header.wide), rows, {}, sheet), keys


def _cells_of(grid: Grid, wanted: list[int], clean: Callable[[str], str]) -> dict[int, list[str | None]]:
    hits = grid.lines.is_in(wanted)
    found = zip(grid.lines.filter(hits), grid.cells.filter(hits).rows(), strict=True)
    return {line: [cell if cell is None else clean(cell) for cell in cells] for line, cells in found}


def _titles(written: list[str | None], header: Header, contract: Any) -> list[str]:
    """The header as written; the contract's title where a merged cell left it empty."""
    facts = facts_of(contract)
    titles = [masked_in(contract, cell) or "" for cell in written]
    for name, places in header.cells.items():
        for place in places:
            titles[place] = titles[place].strip(BLANKS) or facts[name].title
    return titles


def _first_rows(
    grids: Iterator[Grid], contract: Any, found: DeliveredRows, refused: pl.Series, keys: dict[int, list[str]]
) -> dict[int, int]:
    """For each row that repeats a key, the first row before it with the same texts there that was not refused."""
    key = [name for name in involved(contract, "duplicate_key", None) if name in found.places]
    cells = [pl.col(f"c{found.places[name]}").fill_null("").str.strip_chars(BLANKS).alias(name) for name in key]
    later = pl.DataFrame([[line, *texts] for line, texts in keys.items()], schema=["later", *key], orient="row")
    first: dict[int, int] = {}
    for grid in first_table(grids, contract).below:
        rows = grid.cells.select(grid.lines.alias("row"), *cells).filter(~pl.col("row").is_in(refused.implode()))
        pairs = later.join(rows, on=key, how="inner").filter(pl.col("row") < pl.col("later"))
        for line, row in pairs.group_by("later").agg(pl.col("row").min()).iter_rows():
            first.setdefault(line, row)
    return first


def in_words(
    faults: pl.DataFrame, delivered: DeliveredRows, contract: Any, supplier: str, period_end: str = ""
) -> list[Refusal]:
    """`faults` (row_number, reason, column: one row per refused row × reason) of one file, in their order.

    A row of a wide workbook fails once, however many of its cells do.
    """
    words = []
    for row_number, reason, column in faults.select(FAULT).unique(maintain_order=True).rows():
        first = delivered.repeats.get(row_number)
        row = Row(delivered.texts(row_number), delivered.titles_by_column, supplier, first, period_end)
        what, remedy = of_row(contract, reason, column, row)
        known = row.titled(contract, column) if column else None
        words.append(
            Refusal(
                row_number,
                reason,
                title_of(reason, contract),
                column,
                known.title if known else "",
                shown(known, row.texts.get(column or "")) if known else "",
                what,
                remedy,
                tuple(_places(contract, reason, column, delivered, row_number)),
            )
        )
    return words


def _places(contract: Any, reason: str, column: str | None, delivered: DeliveredRows, row_number: int) -> list[int]:
    named = [delivered.places[n] for n in involved(contract, reason, column) if n in delivered.places]
    if named or column is None or not delivered.wide or column != contract.wide_layout.value:
        return named
    facts, cells = facts_of(contract)[column], delivered.rows.get(row_number, [])
    unread = []
    for place in sorted(delivered.wide):
        cell = read_cell(cells[place] if place < len(cells) else None, facts)
        below = cell.value is not None and facts.minimum is not None and cell.value < facts.minimum
        if cell.status or cell.value is None or below:
            unread.append(place)
    return unread


def copied(row_number: int, delivered: DeliveredRows, contract: Any, ragged: bool) -> list[str]:
    """The cells of a row as they may be kept: what tells of a person is ***, and so is a column that no contract
    knows; of a row whose cells are shifted, every cell where the source tells of persons.
    """
    facts = facts_of(contract)
    cells = delivered.rows.get(row_number, [])
    personal = ragged and any(column.pii != "none" for column in facts.values())
    public = {place for name, place in delivered.places.items() if facts[name].pii == "none"} | delivered.wide
    hidden = set(range(len(cells))) if personal else set(range(len(cells))) - public
    return [
        ("***" if (cell or "").strip(BLANKS) else "") if place in hidden else masked(cell) or ""
        for place, cell in enumerate(cells)
    ]
