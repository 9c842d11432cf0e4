"""Changing one cell of a delivered file and nothing else of it: the way a supplier's correction of one figure looks."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class NoSuchCell(Exception):
    """The row is not there, not alone, or its cell does not hold what the caller says it does."""


def change_cell(path: Path, row: dict[str, str], column: str, old: str | None, new: str | int) -> None:
    """In the one row whose cells under the given headings are as given, replace `old` under `column` by `new`.

    Headings are those of the file. `old` None means an empty cell. Raises NoSuchCell.
    """
    {".csv": _change_csv, ".xlsx": _change_xlsx, ".parquet": _change_parquet}[path.suffix](path, row, column, old, new)


def _change_csv(path: Path, row: dict[str, str], column: str, old: str | None, new: str | int) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    grid = list(csv.reader(io.StringIO(text, newline="")))
    line, place = _find(grid, row, column, old)
    grid[line][place] = str(new)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n" if "\r\n" in text else "\n").writerows(grid)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def _change_parquet(path: Path, row: dict[str, str], column: str, old: str | None, new: str | int) -> None:
    frame = pl.read_parquet(path)
    grid = [frame.columns, *([_text(value) for value in cells] for cells in frame.iter_rows())]
    line, _ = _find(grid, row, column, old)
    changed = pl.int_range(pl.len()) == line - 1
    frame.with_columns(pl.when(changed).then(pl.lit(new)).otherwise(column).cast(frame[column].dtype).alias(column)
    ).write_parquet(path)  # fmt: skip


def _change_xlsx(path: Path, row: dict[str, str], column: str, old: str | None, new: str | int) -> None:
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    shared = ["".join(item.itertext()) for item in ElementTree.fromstring(parts["xl/sharedStrings.xml"])]
    sheet = parts[SHEET].decode()
    grid, names = [], []
    for line in ElementTree.fromstring(sheet).iter(f"{MAIN}row"):
        cells = {_column_of(cell.get("r", "")): cell for cell in line}
        width = max(cells, default=-1) + 1
        grid.append([_shown(cells.get(place), shared) for place in range(width)])
        names.append({place: cell.get("r", "") for place, cell in cells.items()})
    line, place = _find(grid, row, column, old)
    if place not in names[line]:
        raise NoSuchCell(f"{path.name}: the cell under {column} does not exist in the sheet")
    name = names[line][place]
    value = f"<v>{new}</v>" if isinstance(new, int) else f"<is><t>{new}</t></is>"
    kind = "" if isinstance(new, int) else ' t="inlineStr"'
    sheet, found = re.subn(
        rf'<c r="{name}"(?P<style> s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)', rf'<c r="{name}"\g<style>{kind}>{value}</c>',
        sheet, count=1,
    )  # fmt: skip
    assert found
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for part, content in (parts | {SHEET: sheet.encode()}).items():
            book.writestr(part, content)


def _find(grid: Sequence[Sequence[str]], row: dict[str, str], column: str, old: str | None) -> tuple[int, int]:
    """Line and place of the cell. The header is the first line that holds all headings asked for."""
    wanted = {*row, column}
    head = next((line for line, cells in enumerate(grid) if wanted <= set(cells)), None)
    if head is None:
        raise NoSuchCell(f"no header with {sorted(wanted)}")
    at = {heading: grid[head].index(heading) for heading in wanted}
    lines = [
        line for line, cells in enumerate(grid)
        if line > head and all(_cell(cells, at[heading]) == value for heading, value in row.items())
    ]  # fmt: skip
    if len(lines) != 1:
        raise NoSuchCell(f"{len(lines)} rows with {row}")
    found = _cell(grid[lines[0]], at[column])
    if found != (old or ""):
        raise NoSuchCell(f"{column} of {row} holds {found!r}, not {old!r}")
    return lines[0], at[column]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _shown(cell: ElementTree.Element | None, shared: Sequence[str]) -> str:
    if cell is None:
        return ""
    text = "".join(cell.itertext())
    return shared[int(text)] if cell.get("t") == "s" else text


def _column_of(name: str) -> int:
    """A1 → 0, B7 → 1, AA3 → 26."""
    place = 0
    for letter in name.rstrip("0123456789"):
        place = place * 26 + ord(letter) - 64
    return place - 1


def _text(value: object) -> str:
    return "" if value is None else str(value)
