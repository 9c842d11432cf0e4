"""Writes one delivery the way suppliers do: headings, a title row, a 合计 row, footnotes; CSV, XLSX or Parquet."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter

Cell = str | int | float | Decimal | bool | date | None
CREATED = datetime(2026, 1, 15)  # written into every workbook, so that two runs give the same bytes


@dataclass(frozen=True)
class Delivery:
    """One file: `path` from raw/, headings and rows; `total` is the 合计 row, cells in heading order."""

    path: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str | None = None
    total: Sequence[Cell] | None = None
    notes: Sequence[str] = ()
    bom: bool = False

    def lines(self) -> list[list[Cell]]:
        """Every line of the sheet or text file, title first, footnotes last."""
        top = [[self.title]] if self.title else []
        end = [list(self.total)] if self.total else []
        return [*top, list(self.headings), *map(list, self.rows), *end, *([note] for note in self.notes)]


def headings(fields: Mapping[str, str], alias: int = 0) -> list[str]:
    """Headings in field order; a field lists its words split by '|', `alias` is the one this supplier uses."""
    words = [names.split("|") for names in fields.values()]
    return [names[min(alias, len(names) - 1)] for names in words]


def cells(fields: Mapping[str, str], record: Mapping[str, Cell]) -> list[Cell]:
    """The record's values in field order, blank where it has none."""
    return [record.get(field) for field in fields]


def write(delivery: Delivery, out: Path) -> Path:
    """Write the delivery under `out` in the format of its extension; returns the file."""
    path = out / delivery.path
    path.parent.mkdir(parents=True, exist_ok=True)
    {".csv": write_csv, ".xlsx": write_xlsx, ".parquet": write_parquet}[path.suffix](delivery, path)
    return path


def as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def write_csv(delivery: Delivery, path: Path) -> None:
    encoding = "utf-8-sig" if delivery.bom else "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([as_text(cell) for cell in line] for line in delivery.lines())


def write_xlsx(delivery: Delivery, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Sheet1")
        for number, line in enumerate(delivery.lines()):
            for column, cell in enumerate(line):
                if isinstance(cell, bool):
                    sheet.write_string(number, column, as_text(cell))
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, int | float | Decimal):
                    sheet.write_number(number, column, cell)
                elif cell is not None:
                    sheet.write_string(number, column, cell)


def write_parquet(delivery: Delivery, path: Path) -> None:
    """Numbers and dates typed, yes and no as text; Parquet has no room for titles, totals or footnotes."""
    rows = [[as_text(cell) if isinstance(cell, bool) else cell for cell in row] for row in delivery.rows]
    columns = zip(delivery.headings, zip(*rows, strict=True), strict=True)
    frame = pl.DataFrame([pl.Series(name, list(column)) for name, column in columns])
    frame.write_parquet(path, compression="zstd", statistics=False)
