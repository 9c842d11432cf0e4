"""Generated tables as files of every format, and what their landing must give, row by row."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from tests.unit.landing.generated_tables import IGNORED, LANDED, SUPERSEDED, Row, Table

TITLES = ("达州市报表", "（时期见文件夹）")
SURPLUS = "多出的一格"


@dataclass(frozen=True)
class Manner:
    """How a table is written; `numbers`: whole numbers as numeric cells, where the format has such."""

    kind: str
    encoding: str = "utf-8"
    newline: str = "\n"
    numbers: bool = False
    #: rows of notes end after their last filled cell, and the last line has no end
    short: bool = False


@dataclass(frozen=True)
class Delivered:
    """A written table: its path below raw/, its bytes, and the row of the table that stands in each physical row."""

    path: str
    content: bytes
    rows: dict[int, Row]
    table: Table

    def put(self, raw: Path) -> None:
        """Deliver it."""
        target = raw / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.content)

    @property
    def outcomes(self) -> dict[int, str]:
        """What becomes of each row that counts as delivered."""
        last = max(
            (line for line, row in self.rows.items() if any(text.strip() for text in row.cells.values())), default=0
        )
        displaced = {line: SUPERSEDED if self.table.replaced else row.outcome for line, row in self.rows.items()}
        return {
            line: IGNORED if row.outcome == IGNORED else displaced[line]
            for line, row in self.rows.items()
            if line <= last
        }

    @property
    def account(self) -> tuple[int, int, int, int, int]:
        """Delivered, landed, quarantined, superseded, ignored."""
        all_rows = list(self.outcomes.values())
        counts = [all_rows.count(outcome) for outcome in (LANDED, SUPERSEDED, IGNORED)]
        return len(all_rows), counts[0], len(all_rows) - sum(counts), *counts[1:]

    @property
    def landed(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Values of the rows that land, by path and physical row."""
        return {
            (self.path, line): self.rows[line].values for line, outcome in self.outcomes.items() if outcome == LANDED
        }

    @property
    def refused(self) -> dict[tuple[str, int], str]:
        """First reasons of the rows that do not, by path and physical row."""
        kept = (LANDED, SUPERSEDED, IGNORED)
        return {(self.path, line): outcome for line, outcome in self.outcomes.items() if outcome not in kept}


def delivered(table: Table, manner: Manner) -> Delivered:
    """The table as a file. What a format cannot say is left out: titles and ragged rows of Parquet, short rows of a
    workbook."""
    revision = f"_r{table.revision}" if table.revision > 1 else ""
    named = f"{table.source}/{table.period}/{table.supplier}{revision}"
    ragged = {"csv": ("more", "fewer"), "xlsx": ("more",), "parquet": ()}[manner.kind]
    rows = [row for row in table.rows if not row.ragged or row.ragged in ragged]
    writer = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[manner.kind]
    content, lines = writer(table, rows, manner)
    return Delivered(f"{named}.{manner.kind}", content, dict(zip(lines, rows, strict=True)), table)


def _grid(table: Table, rows: list[Row], short: bool) -> list[list[str]]:
    """Titles, header and rows as texts."""
    grid = [[title] for title in TITLES[: table.titles]] + [list(table.headers.values())]
    for row in rows:
        cells = [row.cells.get(name, "") for name in table.headers]
        if row.ragged == "fewer":
            cells.pop()
        if row.ragged == "more":
            cells.append(SURPLUS)
        if short and row.outcome == IGNORED:
            while len(cells) > 1 and not cells[-1]:
                cells.pop()
        grid.append(cells)
    return grid


def _csv(table: Table, rows: list[Row], manner: Manner) -> tuple[bytes, list[int]]:
    lines, texts, line = [], [], 1
    for cells in _grid(table, rows, manner.short):
        lines.append(line)
        texts.append(",".join(map(_quoted, cells)))
        line += 1 + texts[-1].count("\n")
    text = manner.newline.join(texts) + ("" if manner.short and texts[-1] else manner.newline)
    return text.encode(manner.encoding), lines[table.titles + 1 :]


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') else cell


def _xlsx(table: Table, rows: list[Row], manner: Manner) -> tuple[bytes, list[int]]:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("数据")
    grid = _grid(table, rows, False)
    for number, cells in enumerate(grid):
        for place, cell in enumerate(cells):
            if manner.numbers and _is_number(cell):
                sheet.write_number(number, place, int(cell))
            elif cell:
                sheet.write_string(number, place, cell)
    book.close()
    return target.getvalue(), list(range(table.titles + 2, len(grid) + 1))


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) < 11


def _parquet(table: Table, rows: list[Row], manner: Manner) -> tuple[bytes, list[int]]:
    columns = {}
    for name, header in table.headers.items():
        texts = [row.cells.get(name, "") or None for row in rows]
        numeric = manner.numbers and all(text is None or _is_number(text) for text in texts)
        columns[header] = pl.Series(texts, dtype=pl.String).cast(pl.Int64 if numeric else pl.String)
    target = io.BytesIO()
    pl.DataFrame(columns).write_parquet(target)
    return target.getvalue(), list(range(2, len(rows) + 2))
