"""The rows of an answer as CSV, JSON, table, Excel workbook or Parquet, written as they come: never all in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]

#: how a formula may begin in one spreadsheet or another (OWASP, CSV injection), also at full width
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?%?|-", re.ASCII)
#: rows of one worksheet below its header (ECMA-376)
SHEET_ROWS = 1_048_575


class TooManyRows(Exception):
    """More rows than the form holds."""


def as_csv(names: list[str], rows: Iterable[Row]) -> str:
    """RFC 4180, lines ended by LF; NULL is an empty cell. A text that a spreadsheet would run as a formula begins with
    an apostrophe.
    """
    return "".join(csv_lines(names, rows))


def csv_lines(names: list[str], rows: Iterable[Row]) -> Iterator[str]:
    """The same, a record at a time."""
    text = io.StringIO()
    # the writer quotes a CR only where lines end with one: unquoted, what follows it would begin a line of its own
    writer = csv.writer(text, lineterminator="\r\n")
    for row in _with_header(names, rows):
        writer.writerow([_inert(cell) for cell in row])
        yield text.getvalue().removesuffix("\r\n") + "\n"
        text.seek(0)
        text.truncate()


def _with_header(names: list[str], rows: Iterable[Row]) -> Iterator[Row]:
    yield tuple(names)
    yield from rows


def _inert(cell: Any) -> Any:
    """Numbers stay as they are, also those written as text; so does a single dash, which stands for nothing."""
    if not isinstance(cell, str) or not FORMULA.match(cell) or PLAIN.fullmatch(cell):
        return cell
    return f"'{cell}"


def json_parts(names: list[str], rows: Iterable[Row]) -> Iterator[str]:
    """A list of objects; NULL and NaN are null, a column name that comes again is numbered."""
    keys = [name if name not in names[:place] else f"{name}_{place + 1}" for place, name in enumerate(names)]
    opening = "["
    for row in rows:
        plain = {key: None if cell != cell else cell for key, cell in zip(keys, row, strict=True)}
        yield f"{opening}\n " + json.dumps(plain, ensure_ascii=False, indent=1, default=str).replace("\n", "\n ")
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def print_table(names: list[str], rows: list[Row], width: int | None) -> None:
    """On standard output, as wide as `width` or the terminal; NULL is an empty cell."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(width=width, highlight=False, markup=False).print(table)


def write_csv(path: Path, names: list[str], rows: Iterable[Row]) -> None:
    """With a byte order mark, by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.writelines(csv_lines(names, rows))


def write_json(path: Path, names: list[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(json_parts(names, rows))


def write_workbook(path: Path, names: list[str], rows: Iterable[Row]) -> None:
    """One worksheet, numbers and dates as such, texts never as formulas; NULL is an empty cell. Raises TooManyRows."""
    import xlsxwriter

    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # the same rows give the same bytes
        sheet = book.add_worksheet("carestat")
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, bold)
        for number, row in enumerate(rows, start=1):
            if number > SHEET_ROWS:
                raise TooManyRows(
                    "结果超过 Excel 一张表的行数，请改用 .csv 或 .parquet · more rows than a worksheet holds"
                )
            for place, cell in enumerate(row):
                _write_cell(sheet, number, place, cell)


def _write_cell(sheet: Any, row: int, column: int, cell: Any) -> None:
    """Aware times and whatever a sheet has no type for are written as text."""
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date) and getattr(cell, "tzinfo", None) is None:
        sheet.write_datetime(row, column, cell)
    else:
        sheet.write_string(row, column, str(cell))


#: ending of the file → what writes it from rows; Parquet is written from DuckDB's own columns
WRITERS = {".csv": write_csv, ".json": write_json, ".xlsx": write_workbook}
