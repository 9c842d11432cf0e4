"""A workbook as its XML says it is: sheets, cells with their number formats, tables, names. No spreadsheet library, so
that what is asserted is what stands in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class ReadSheet:
    root: etree._Element
    #: 'A1' → text or number, and the number format of numbers
    cells: dict[str, str | float]
    formats: dict[str, str]
    tables: list[etree._Element] = field(default_factory=list)

    def grid(self, first: str, last: str) -> list[list[str | float | None]]:
        (left, top), (right, bottom) = (_place(first), _place(last))
        return [
            [self.cells.get(_name(column, row)) for column in range(left, right + 1)] for row in range(top, bottom + 1)
        ]

    @property
    def table(self) -> list[list[str | float | None]]:
        """The rows of the sheet's table, header first."""
        return self.grid(*self.tables[0].get("ref").split(":"))

    def format_of(self, header: str, row: int) -> str | None:
        """Number format of the cell under a header, in the n-th row of the table (from 1)."""
        column = self.table[0].index(header)
        _, top = _place(self.tables[0].get("ref").split(":")[0])
        return self.formats.get(_name(column, top + row))


class ReadWorkbook:
    def __init__(self, path: Path) -> None:
        with ZipFile(path) as parts:
            self.parts = {name: parts.read(name) for name in parts.namelist()}
        book = self._xml("xl/workbook.xml")
        targets = self._relations("xl/_rels/workbook.xml.rels")
        self.names = {name.get("name"): name.text for name in book.iter(f"{MAIN}definedName")}
        self.active = int(book.find(f"{MAIN}bookViews/{MAIN}workbookView").get("activeTab", 0))
        self.texts = ["".join(one.itertext(f"{MAIN}t")) for one in self._xml("xl/sharedStrings.xml")]
        styles = self._xml("xl/styles.xml")
        custom = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{MAIN}numFmt")}
        built_in = {"1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%"}
        self._formats = [(custom | built_in).get(one.get("numFmtId"), "") for one in styles.find(f"{MAIN}cellXfs")]
        self.sheets = {
            one.get("name"): self._sheet(f"xl/{targets[one.get(RELATION)]}") for one in book.find(f"{MAIN}sheets")
        }

    def _xml(self, name: str) -> etree._Element:
        return etree.fromstring(self.parts[name])

    def _relations(self, name: str) -> dict[str, str]:
        return {one.get("Id"): one.get("Target") for one in self._xml(name)} if name in self.parts else {}

    def _sheet(self, name: str) -> ReadSheet:
        sheet = ReadSheet(self._xml(name), {}, {})
        for cell in sheet.root.iter(f"{MAIN}c"):
            value = cell.find(f"{MAIN}v")
            if value is None:
                continue
            place = cell.get("r")
            if cell.get("t") == "s":
                sheet.cells[place] = self.texts[int(value.text)]
            else:
                sheet.cells[place] = float(value.text)
                sheet.formats[place] = self._formats[int(cell.get("s", 0))]
        folder, file = name.rsplit("/", 1)
        relations = self._relations(f"{folder}/_rels/{file}.rels")
        for part in sheet.root.iter(f"{MAIN}tablePart"):
            sheet.tables.append(self._xml(f"xl/tables/{Path(relations[part.get(RELATION)]).name}"))
        return sheet


def _place(name: str) -> tuple[int, int]:
    letters, row = re.fullmatch("([A-Z]+)([0-9]+)", name).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(row)


def _name(column: int, row: int) -> str:
    letters = ""
    while column >= 0:
        letters, column = chr(65 + column % 26) + letters, column // 26 - 1
    return f"{letters}{row}"
