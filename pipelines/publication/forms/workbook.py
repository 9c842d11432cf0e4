"""The workbook: a book in, carestat-<year>-<edition>.xlsx out.

After “Making spreadsheets accessible: a brief checklist of the basics” and “Releasing statistics in spreadsheets” of
the UK Government Analysis Function: cover, contents and notes; one table a sheet, marked up as a table with a name and
one header row; title in A1; no merged cells, no empty rows or columns, no cell empty; marks in words, explained in the
notes; nothing said by colour; no images, no filters. It departs in one thing: the header row stays in view (frozen) in
tables longer than a screen.

Text is written as text, never as a formula; the only links are those between the sheets. Numbers are written to 16
significant digits (xlsxwriter); the data files have them all. Same book, same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.publication.book import Book
from pipelines.publication.forms import workbook_pages as pages
from pipelines.publication.forms.workbook_cells import Cell, Number
from pipelines.publication.forms.workbook_sheets import Sheet, content

#: rows above the table: title, English title, what it holds, link to the contents
HEADER_ROW = 4
#: more rows than a screen shows: freeze the header; more than wrapping pays for: do not wrap
SCREEN, LONG = 40, 5_000
NARROWEST, WIDEST = 8, 60
#: rows that are measured for the width of a column
MEASURED = 2_000
FONT = {"font_name": "Microsoft YaHei", "font_size": 12}
LINK = {"font_color": "#0000EE", "underline": 1}
#: a thin line beneath each row; numbers stand to the right, a little off the next column
RULE = {"bottom": 1, "bottom_color": "#BFBFBF"}
ASIDE: dict[bool, dict[str, Any]] = {True: {"align": "right", "indent": 1, **RULE}, False: {"align": "left", **RULE}}
#: points: a line of text, and Excel's limit for a row
LINE, HIGHEST = 18, 409
DATE = "yyyy-mm-dd"
#: cells of the cover's second column that have a name
NAMED = {"publication_year": 0, "edition": 1, "release_id": 2, "released_at": 3}


def file_name(book: Book) -> str:
    return f"carestat-{book.imprint.name}.xlsx"


def render(book: Book, folder: Path) -> None:
    """Write the workbook into folder. Raises ValueError where a text is longer than a cell holds."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = content(book)
    about = [page for page in (pages.notes(), pages.fields(figures), pages.points(book)) if page.height]
    sheets = [pages.cover(book), pages.contents([*about, *figures]), *about, *figures]
    made = datetime.fromisoformat(book.imprint.released_at).astimezone(UTC).replace(tzinfo=None)
    # xlsxwriter writes into the properties it is given
    options = {"default_format_properties": dict(FONT), "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(folder / file_name(book), options) as file:
        file.set_properties(
            {
                "title": book.imprint.title,
                "subject": book.imprint.title_en,
                "author": "carestat",
                "comments": f"版次 {book.imprint.edition}，发布批次 {book.imprint.release_id}",
                "created": made,
            }
        )
        formats = _Formats(file)
        for sheet in sheets:
            _write(file, formats, sheet)
        for name, row in NAMED.items():
            file.define_name(name, f"='{pages.COVER}'!$B${HEADER_ROW + 2 + row}")


class _Formats:
    """Cell formats, each made once."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.numbers: dict[tuple[str, bool], Any] = {}

    def number(self, form: str, numeric: bool) -> Any:
        key = (form, numeric)
        if key not in self.numbers:
            self.numbers[key] = self(num_format=form, **ASIDE[numeric])
        return self.numbers[key]

    def __call__(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.file.add_format({"valign": "top", **FONT, **properties})
        return self.made[key]


def _write(file: Any, formats: _Formats, sheet: Sheet) -> None:
    page = file.add_worksheet(sheet.name)
    last_row, last_column = HEADER_ROW + sheet.height, len(sheet.headings) - 1
    look = _Look.of(sheet)
    for column, width in enumerate(look.widths):
        page.set_column(column, column, width)
    page.set_default_row(LINE)
    page.set_row(0, 2 * LINE)
    _put(page, 0, 0, sheet.title, formats(bold=True, font_size=16))
    _put(page, 1, 0, sheet.title_en, formats())
    _put(page, 2, 0, f"{sheet.about}本工作表有一张表，{sheet.height} 行，{last_column + 1} 栏。", formats())
    if sheet.key == "contents":
        _put(page, 3, 0, "This sheet has one table; its first column links to the sheets.", formats())
    else:
        page.write_url(3, 0, f"internal:'{pages.CONTENTS}'!A1", formats(**LINK), f"返回{pages.CONTENTS} Contents")
    _write_rows(page, formats, sheet, look)
    heads = [formats(bold=True, text_wrap=True, **ASIDE[numeric]) for numeric in look.numeric]
    page.set_row(HEADER_ROW, LINE * look.lines(sheet.headings))
    page.add_table(
        HEADER_ROW,
        0,
        last_row,
        last_column,
        {
            "name": sheet.key,
            "title": sheet.title,
            "description": sheet.about,
            "columns": [
                {"header": text, "header_format": head} for text, head in zip(sheet.headings, heads, strict=True)
            ],
            "style": "Table Style Light 1",
            "banded_rows": False,
            "autofilter": False,
        },
    )
    file.define_name(f"rows_{sheet.key}", f"='{sheet.name}'!{_area(last_row, last_column)}")
    if sheet.height > SCREEN:
        page.freeze_panes(HEADER_ROW + 1, 0)
    page.repeat_rows(HEADER_ROW)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R&P / &N")


def _write_rows(page: Any, formats: _Formats, sheet: Sheet, look: _Look) -> None:
    wrapped = sheet.height <= LONG
    texts = [formats(text_wrap=wrapped, **ASIDE[numeric]) for numeric in look.numeric]
    for number, cells in enumerate(sheet.rows(), HEADER_ROW + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, Number):
                page.write_number(number, column, cell.value, formats.number(cell.format, look.numeric[column]))
            elif isinstance(cell, date):
                page.write_datetime(number, column, cell, formats.number(DATE, False))
            elif sheet.key == "contents" and column == 0:
                page.write_url(number, column, f"internal:'{cell}'!A1", formats(**LINK, **RULE), cell)
            else:
                _put(page, number, column, cell, texts[column])
        if wrapped and (lines := look.lines(cells)) > 1:
            page.set_row(number, min(LINE * lines, HIGHEST))


@dataclass(frozen=True)
class _Look:
    """How wide the columns are, and which hold numbers (and marks in place of numbers)."""

    widths: list[float]
    numeric: list[bool]

    @classmethod
    def of(cls, sheet: Sheet) -> _Look:
        widths = [_width(text) for text in sheet.headings]
        numbers, words = [False] * len(widths), [False] * len(widths)
        for cells in islice(sheet.rows(), MEASURED):
            for column, cell in enumerate(cells):
                widths[column] = max(widths[column], _width(cell))
                numbers[column] |= isinstance(cell, Number)
                words[column] |= not isinstance(cell, Number) and not str(cell).startswith("[")
        return cls(
            [min(max(width, NARROWEST), WIDEST) for width in widths],
            [number and not word for number, word in zip(numbers, words, strict=True)],
        )

    def lines(self, cells: Sequence[Cell]) -> int:
        """Lines that a row takes when its text wraps."""
        return max(ceil(_letters(cell) / (width - 1)) for cell, width in zip(cells, self.widths, strict=True)) or 1


def _put(page: Any, row: int, column: int, text: str, form: Any) -> None:
    if page.write_string(row, column, text, form):
        raise ValueError(f"文字过长，单元格容纳不下 (longer than a cell holds): {page.name} {row + 1}, {text[:60]}…")


def _area(last_row: int, last_column: int) -> str:
    return xlsxwriter.utility.xl_range_abs(HEADER_ROW + 1, 0, last_row, last_column)


def _width(cell: Cell) -> float:
    return 2 + 1.1 * _letters(cell)


def _letters(cell: Cell) -> int:
    """How long a cell is in digits; a Chinese character takes two."""
    if isinstance(cell, Number):
        digits, _, flag = cell.format.partition('"')
        text = f"{cell.value:,.{len(digits.partition('.')[2])}f}{flag}"
    else:
        text = str(cell)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
