"""The parts of an xlsx archive that say how its sheets are to be read: worksheets in order, styles, day 0 of dates.

Parsed with expat, which refuses a document type, so no entity is ever expanded.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.parsers import expat

from .grid import UnreadableFile
from .limits import inflated, refuse_large_archive, refuse_sheet_count

DAY_ZERO_1900, DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)
WORKSHEET = "/worksheet"
#: number formats that Excel knows without their text (ECMA-376 §18.8.30)
BUILTIN_PERCENT = frozenset({"9", "10"})
#: what of a number format is shown as it stands: quoted, escaped, padded, in brackets
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
NO_WORKBOOK = "是 ZIP 压缩包，但不是 xlsx 工作簿，请在 Excel 中另存为 .xlsx 后重报 · a zip that is no xlsx workbook"
DAMAGED = "工作簿已损坏，请在 Excel 中打开后另存为 .xlsx 后重报 · damaged workbook, open it and save it anew"


@dataclass(frozen=True)
class Worksheet:
    """A sheet of the workbook: its place in it, its name, its part."""

    place: int
    name: str
    part: str


@dataclass(frozen=True)
class Parts:
    """What the parts around the sheets say; `percent_styles` are the cell styles (s="…") that show percentages."""

    worksheets: tuple[Worksheet, ...]
    percent_styles: frozenset[str]
    day_zero: date
    strings: str | None


def read_parts(archive: zipfile.ZipFile) -> Parts:
    """The visible worksheets in order. Raises UnreadableFile for an archive that is no workbook, or a hostile one."""
    refuse_large_archive(archive)
    names = {_known_as(name): name for name in reversed(archive.namelist())}
    book = names.get("xl/workbook.xml")
    if book is None:
        raise UnreadableFile("unreadable_file", f"文件{NO_WORKBOOK}")
    related = _related(archive, names, book)
    day_zero, sheets = DAY_ZERO_1900, []
    for name, facts in _elements(archive, book):
        if name == "workbookPr" and facts.get("date1904") in ("1", "true"):
            day_zero = DAY_ZERO_1904
        elif name == "sheet":
            sheets.append(facts)
    refuse_sheet_count(len(sheets))
    visible = []
    for place, facts in enumerate(sheets):
        kind, part = related.get(facts.get("id", ""), ("", ""))
        if facts.get("state", "visible") == "visible" and kind.endswith(WORKSHEET) and part:
            visible.append(Worksheet(place, facts.get("name", ""), part))
    parts = {kind.rsplit("/", 1)[-1]: part for kind, part in related.values() if part}
    styles = _percent_styles(archive, parts["styles"]) if "styles" in parts else frozenset()
    return Parts(tuple(visible), styles, day_zero, parts.get("sharedStrings"))


def _known_as(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _related(archive: zipfile.ZipFile, names: dict[str, str], book: str) -> dict[str, tuple[str, str]]:
    """Relationship id → kind and name of the part it leads to ('' for none in the archive)."""
    folder = posixpath.dirname(book)
    relations = names.get(_known_as(posixpath.join(folder, "_rels", posixpath.basename(book) + ".rels")))
    if relations is None:
        raise UnreadableFile("unreadable_file", DAMAGED)
    found = {}
    for name, facts in _elements(archive, relations):
        if name == "Relationship":
            target = facts.get("Target", "")
            path = target if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[facts.get("Id", "")] = (facts.get("Type", ""), names.get(_known_as(path), ""))
    return found


def _percent_styles(archive: zipfile.ZipFile, part: str) -> frozenset[str]:
    percent, within, place, found = set(BUILTIN_PERCENT), "", 0, set()
    for name, facts in _elements(archive, part):
        if name == "numFmt" and "%" in LITERAL.sub("", facts.get("formatCode", "")):
            percent.add(facts.get("numFmtId", ""))
        elif name in ("cellStyleXfs", "cellXfs", "dxfs", "cellStyles"):
            within = name
        elif name == "xf" and within == "cellXfs":
            if facts.get("numFmtId") in percent:
                found.add(str(place))
            place += 1
    return frozenset(found)


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Start tags in order, names and attributes without their namespace."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, facts: dict[str, str]) -> None:
        found.append((bare(name), {bare(key): value for key, value in facts.items()}))

    parser = strict_parser()
    parser.StartElementHandler = start
    for block in inflated(archive, part):
        feed(parser, block)
        yield from found
        found.clear()
    feed(parser, b"", last=True)
    yield from found


def strict_parser() -> Any:
    """An expat parser that refuses a document type: a workbook has none, and entities are made there."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def feed(parser: Any, block: bytes, *, last: bool = False) -> None:
    """Parse on. Raises UnreadableFile for text that is no XML, or in an encoding that is none."""
    try:
        parser.Parse(block, last)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableFile("unreadable_file", DAMAGED) from error


def bare(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rsplit(":", 1)[-1]


def _refuse_doctype(*_: object) -> None:
    detail = "工作簿内含 DOCTYPE 声明，不予读取，请在 Excel 中另存为 .xlsx 后重报 · document type in a workbook"
    raise UnreadableFile("unreadable_file", detail)
