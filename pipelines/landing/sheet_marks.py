"""What a worksheet's own part says beyond the texts that calamine gives: which numbers are percentages, which cells are
true or false, which formulas were never calculated, which long numbers are numbers and not text.

The part is inflated once, in pieces that end with a row. Cells written as every common program writes them are searched
by regular expressions; a part that is written otherwise is parsed with expat, some ten times slower.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

import polars as pl

from .limits import inflated, refuse_extent
from .memory import one_ahead
from .workbook_parts import Worksheet, bare, feed, strict_parser

#: small enough to stay in the processor's cache while it is searched
PIECE = 2 << 20
TOGETHER = 100_000
PROLOGUE = 1 << 12
#: `row` and `column` count from 0 in the sheet; `kind` is percent, boolean, formula (without a result) or long
MARKS = {"row": pl.Int64, "column": pl.Int64, "kind": pl.String}
#: digits from which a number may be an identifier: Excel keeps 15
LONG = 15

FILLED = r'<c r="[A-Za-z]+[0-9]+"[^>/]*>\s*<[^/]'
#: beyond column Z or row 999,999: only then is the extent of the sheet measured
FAR = r'<c r="(?:[A-Za-z]{2,}[0-9]+|[A-Za-z][0-9]{7,})"[^>/]*>\s*<[^/]'
FAR_PLACE = r'^<c r="(?:[A-Za-z]{2,}|[A-Za-z][0-9]{7,})'
CELL = r'<c r="[A-Za-z]+[0-9]+"'
#: a cell that does not name its place first, or has a namespace prefix
ODD = r"""<c(?:>|/>| (?:[^r]|r[^=]|r=[^"]|r="[^A-Za-z]))|:c[ />]"""
NO_RESULT = r"(?:</c>|<v\s*/>|<v></v>)"
NOT_CALCULATED = rf"[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*{NO_RESULT}"
LONG_NUMBER = r"[^>]*>\s*(?:<f[^>]*>(?:[^<]*</f>)?\s*)?<v>-?(?:[0-9]{15}|[0-9.]+[eE]\+)"


class _OtherwiseWritten(Exception):
    """The part is not written in the common way."""


def marks_of(archive: zipfile.ZipFile, sheet: Worksheet, percent_styles: frozenset[str]) -> pl.DataFrame:
    """MARKS of one worksheet. Raises UnreadableFile for a damaged part or one beyond the limits."""
    if "0" not in percent_styles:
        try:
            return _searched(archive, sheet, percent_styles)
        except _OtherwiseWritten:
            pass
    return _parsed(archive, sheet, percent_styles)


def _searched(archive: zipfile.ZipFile, sheet: Worksheet, percent_styles: frozenset[str]) -> pl.DataFrame:
    styles = rf'[^>/]* s="(?:{"|".join(sorted(percent_styles))})"[^>/]*>\s*<[a-z]|' if percent_styles else ""
    special = rf'{CELL}(?:{NOT_CALCULATED}|{styles}[^>/]* t="b"[^>/]*>\s*<[a-z]|{LONG_NUMBER})|{ODD}'
    found, far = [pl.DataFrame(schema=MARKS)], False
    searched = (_cells(piece, special if far else f"{special}|{FAR}") for piece in _pieces_ahead(archive, sheet))
    for cells in _gathered(searched):
        if not cells.str.contains(CELL).all():
            raise _OtherwiseWritten
        far = far or bool(cells.str.contains(FAR_PLACE).any())
        found.append(_marks(cells, percent_styles))
    if far:
        _refuse_far(archive, sheet)
    return pl.concat(found)


def _pieces_ahead(archive: zipfile.ZipFile, sheet: Worksheet) -> Iterator[bytes]:
    return one_ahead(_pieces(inflated(archive, sheet.part)))


def _gathered(searched: Iterator[pl.Series]) -> Iterator[pl.Series]:
    """What was found in many pieces, together: most pieces hold little."""
    held: list[pl.Series] = []
    for cells in searched:
        held.append(cells)
        if sum(len(part) for part in held) >= TOGETHER:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def _cells(piece: bytes, pattern: str) -> pl.Series:
    """What of a piece matches, in order."""
    if b"<!DOCTYPE" in piece[:PROLOGUE]:
        raise _OtherwiseWritten
    try:
        return pl.select(pl.lit(piece).cast(pl.String).str.extract_all(pattern).alias("cell"))["cell"].item()
    except pl.exceptions.PolarsError as error:
        raise _OtherwiseWritten from error


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of a part in pieces that end with a row."""
    held, size = [], 0
    for block in blocks:
        held.append(block)
        size += len(block)
        if size >= PIECE:
            whole = b"".join(held)
            # below the rows (merged ranges, validations) any tag will do
            end = whole.rfind(b"</row>") if b"<row" in whole else whole.rfind(b"<")
            if end <= 0:
                raise _OtherwiseWritten
            yield whole[:end]
            held, size = [whole[end:]], len(whole) - end
    yield b"".join(held)


def _marks(cells: pl.Series, percent_styles: frozenset[str]) -> pl.DataFrame:
    """MARKS of the start tags (and what follows) that the search found."""
    if cells.is_empty():
        return pl.DataFrame(schema=MARKS)
    tag = cells.to_frame("cell").with_columns(
        pl.col("cell").str.extract(r'^<c[^>]* t="([^"]*)"').alias("type"),
        pl.col("cell").str.extract(r'^<c[^>]* s="([^"]*)"').alias("style"),
        *_place(pl.col("cell")),
    )  # fmt: skip
    number = pl.col("type").is_null() | (pl.col("type") == "n")
    kind = (
        pl.when(pl.col("cell").str.contains("<f") & pl.col("cell").str.contains(NO_RESULT + "$"))
        .then(pl.when(pl.col("type").ne_missing("str")).then(pl.lit("formula")))
        .when(pl.col("type") == "b")
        .then(pl.lit("boolean"))
        .when(number & pl.col("style").is_in(sorted(percent_styles)))
        .then(pl.lit("percent"))
        .when(number & pl.col("cell").str.contains("<v>"))
        .then(pl.lit("long"))
    )
    letters = tag["letters"].unique()
    places = tag["letters"].replace_strict(letters, [column_of(text) for text in letters], return_dtype=pl.Int64)
    return tag.select("row", places.alias("column"), kind.alias("kind")).filter(pl.col("kind").is_not_null())


def _place(cell: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return (
        cell.str.extract(r'^<c r="([A-Za-z]+)').alias("letters"),
        cell.str.extract(r'^<c r="[A-Za-z]+([0-9]+)').cast(pl.Int64, strict=False).fill_null(2**62).alias("row") - 1,
    )


def _refuse_far(archive: zipfile.ZipFile, sheet: Worksheet) -> None:
    rows = columns = 0
    for cells in _gathered(_cells(piece, FILLED) for piece in _pieces_ahead(archive, sheet)):
        place = cells.to_frame("cell").select(_place(pl.col("cell")))
        if place.height:
            rows = max(rows, int(place["row"].max()) + 1)
            columns = max(columns, *(column_of(letters) + 1 for letters in place["letters"].unique()))
    refuse_extent(rows, columns, sheet.name)


def column_of(letters: str) -> int:
    """A → 0, Z → 25, AA → 26; case does not matter."""
    column = 0
    for letter in letters.upper()[:8]:
        column = column * 26 + ord(letter) - 64
    return column - 1


class _CellReader:
    """Follows a sheet's tags: position, style, type, formula and value of each cell."""

    REFERENCE = re.compile(r"([A-Za-z]{1,8})([0-9]{1,12})")

    def __init__(self, percent_styles: frozenset[str], sheet: str) -> None:
        self._percent_styles, self._sheet = percent_styles, sheet
        self._row, self._column, self._inside = -1, -1, ""
        self._facts: dict[str, str] = {}
        self._formula, self._value = False, ""
        self._rows = self._columns = 0
        self.found: list[tuple[int, int, str]] = []

    def start(self, name: str, facts: dict[str, str]) -> None:
        name = bare(name)
        if name == "row":
            number = re.fullmatch(r"[0-9]{1,12}", facts.get("r", ""))
            self._row = int(number[0]) - 1 if number else self._row + 1
            self._column = -1
        elif name == "c":
            place = self.REFERENCE.fullmatch(facts.get("r", ""))
            self._column = column_of(place[1]) if place else self._column + 1
            self._row = int(place[2]) - 1 if place else self._row
            self._facts, self._formula, self._value = facts, False, ""
        elif name == "f":
            self._formula = True
        self._inside = name

    def text(self, text: str) -> None:
        if self._inside in ("v", "t"):
            self._value += text

    def end(self, name: str) -> None:
        self._inside = ""
        if bare(name) != "c":
            return
        if self._formula or self._value:
            self._rows, self._columns = max(self._rows, self._row + 1), max(self._columns, self._column + 1)
            refuse_extent(self._rows, self._columns, self._sheet)
        if kind := self._kind():
            self.found.append((self._row, self._column, kind))

    def _kind(self) -> str | None:
        type_ = self._facts.get("t", "n")
        if self._formula and not self._value and type_ != "str":
            return "formula"
        if not self._value:
            return None
        if type_ == "b":
            return "boolean"
        if type_ != "n":
            return None
        if self._facts.get("s", "0") in self._percent_styles:
            return "percent"
        long = re.match(rf"-?(?:[0-9]{{{LONG}}}|[0-9.]+[eE]\+)", self._value)
        return "long" if long else None


def _parsed(archive: zipfile.ZipFile, sheet: Worksheet, percent_styles: frozenset[str]) -> pl.DataFrame:
    reader = _CellReader(percent_styles, sheet.name)
    parser = strict_parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    for block in inflated(archive, sheet.part):
        feed(parser, block)
    feed(parser, b"", last=True)
    return pl.DataFrame(reader.found, schema=MARKS, orient="row")
