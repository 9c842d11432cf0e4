"""A workbook's visible worksheets as grids of text: calamine reads the cells, the zip's own parts say the rest.

What becomes of what is no text in a cell: a percentage 0.855 → '85.5%'; true and false → 'TRUE', 'FALSE'; an error →
'#DIV/0!', '#N/A', …; a formula that was never calculated → '#公式!'; a date → '2024-03-05', with its time only if it
is not midnight; a number of 15 and more digits → '5.11702199001011E+17', which no code and no identifier column takes,
because Excel keeps 15 digits of it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from .grid import Grid, UnreadableFile
from .limits import CELL_CHARACTERS, can_hide_size, inflated, refuse_long_cell
from .memory import part_rows
from .sheet_marks import LONG, marks_of
from .workbook_parts import DAMAGED, Parts, Worksheet, read_parts

MANGLED_SHARE = 0.2
NOT_CALCULATED = "#公式!"
#: what calamine calls the errors, and the rest of them, which it refuses to read
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
ERROR_CALLED = re.compile(r"Error\((\w+)\)")
UNKNOWN_ERROR = re.compile(
    rb"<v>(?!" + b"|".join(re.escape(text.encode()) + b"<" for text in ERRORS.values()) + rb")#[^<]{1,40}</v>"
)
DATED = r"^\d{4}-\d\d-\d\d[ T]\d\d:"
MIDNIGHT = r"^(\d{4}-\d\d-\d\d)[ T]00:00:00$"
#: day 0 has no date: a time of day alone, or a date taken from an empty cell
NO_DAY = r"^1899-12-31 (\d\d:\d\d:\d\d)"


def read_sheets(content: bytes) -> Iterator[Grid]:
    """Every visible worksheet in workbook order, in parts of `part_rows` rows; rows are numbered as in the sheet.

    Raises UnreadableFile for what is no workbook, is damaged, hostile or beyond the limits, or whose text was lost.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    # zipfile raises NotImplementedError for archives in parts and versions that it does not know
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFile("unreadable_file", DAMAGED) from error
    parts = read_parts(archive)
    if not parts.worksheets:
        detail = "工作簿没有可见的工作表，请取消隐藏后重报 · no visible worksheet"
        raise UnreadableFile("unreadable_file", detail)
    if parts.strings and can_hide_size(archive):
        for _ in inflated(archive, parts.strings):
            pass
    workbook = None
    for sheet in parts.worksheets:
        marks = marks_of(archive, sheet, parts.percent_styles)
        workbook = workbook or _opened(content)
        cells, errors, first = _loaded(workbook, archive, sheet)
        cells = _patched(cells, first, _with_errors(marks, errors, first))
        cells = cells.select(_as_dates(cells))
        _refuse_long(cells, sheet)
        _refuse_mangled(cells)
        yield from _in_parts(cells, sheet, parts)


def _opened(content: bytes) -> Any:
    import fastexcel

    return _guarded(lambda: fastexcel.read_excel(content))


def _guarded(read: Any) -> Any:
    """What `read` returns; a fault of the reader, or a panic, refuses the file instead of ending the run."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise UnreadableFile("unreadable_file", DAMAGED) from error


def _loaded(workbook: Any, archive: zipfile.ZipFile, sheet: Worksheet) -> tuple[pl.DataFrame, list[Any], int]:
    """Texts of a sheet from its first row and first filled column, cells that have no text, and that column."""
    try:
        return _guarded(lambda: _load(workbook, sheet))
    except UnreadableFile as error:
        if "Unsupported cell error" not in str(error.__cause__):
            raise
    # errors younger than the reader (#SPILL!, #CALC!, …) are read as #VALUE!
    renamed = _with_known_errors(archive, sheet)
    return _guarded(lambda: _load(_opened(renamed), sheet))


def _load(workbook: Any, sheet: Worksheet) -> tuple[pl.DataFrame, list[Any], int]:
    loaded = workbook.load_sheet(sheet.place, header_row=None, skip_rows=0, dtypes="string")
    if not loaded.width:
        return pl.DataFrame(), [], 0
    batch, errors = loaded.to_arrow_with_errors()
    first = loaded.available_columns()[0].absolute_index
    return pl.DataFrame(pl.from_arrow(batch)), list(errors.errors) if errors else [], first


def _with_known_errors(archive: zipfile.ZipFile, sheet: Worksheet) -> bytes:
    renamed = io.BytesIO()
    with zipfile.ZipFile(renamed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in dict.fromkeys(archive.namelist()):
            part = b"".join(inflated(archive, name))
            target.writestr(name, UNKNOWN_ERROR.sub(b"<v>#VALUE!</v>", part) if name == sheet.part else part)
    return renamed.getvalue()


def _with_errors(marks: pl.DataFrame, errors: list[Any], first: int) -> pl.DataFrame:
    """MARKS and the cells that calamine gives no text for: errors, and dates beyond the calendar."""
    rows = []
    for error in errors:
        called = ERROR_CALLED.search(error.detail)
        row, column = error.position
        rows.append((row, column + first, ERRORS.get(called[1], "#VALUE!") if called else "#VALUE!"))
    return pl.concat([marks, pl.DataFrame(rows, schema=marks.schema, orient="row")])


def _patched(cells: pl.DataFrame, first: int, marks: pl.DataFrame) -> pl.DataFrame:
    """The cells, named c0, c1, …, with the texts that their marks ask for; larger where a mark lies outside."""
    # only a formula without a result stands where calamine sees no cell
    place = pl.col("column").is_between(first, first + cells.width - 1) & (pl.col("row") < cells.height)
    marks = marks.filter(place | (pl.col("kind") == "formula"))
    spanned = [*(range(first, first + cells.width) if cells.width else ()), *marks["column"]]
    left, right = min(spanned, default=0), max(spanned, default=-1) + 1
    height = max(cells.height, int(marks["row"].max()) + 1 if marks.height else 0)
    nothing = pl.Series([None], dtype=pl.String)
    columns = {
        place: cells.to_series(place - first).extend(nothing.new_from_index(0, height - cells.height))
        if first <= place < first + cells.width
        else nothing.new_from_index(0, height)
        for place in range(left, right)
    }
    for (place,), part in marks.unique(["row", "column"], keep="last").group_by("column"):
        column = columns[place]
        texts = _meant(part.with_columns(column.gather(part["row"]).alias("text")))
        columns[place] = column.scatter(part["row"], texts)
    return pl.DataFrame({f"c{place - left}": column for place, column in columns.items()})


def _meant(part: pl.DataFrame) -> pl.Series:
    """The text of each marked cell."""
    texts = part["text"]
    kind = pl.col("kind")
    return part.select(
        pl.when(kind == "percent").then(_rewritten(texts.filter(part["kind"] == "percent"), _percent))
        .when(kind == "long").then(_rewritten(texts.filter(part["kind"] == "long"), _exponent))
        .when(kind == "boolean").then(pl.col("text").str.to_uppercase())
        .when(kind == "formula").then(pl.lit(NOT_CALCULATED))
        .otherwise(kind)
    ).to_series()  # fmt: skip


def _rewritten(texts: pl.Series, rewrite: Any) -> pl.Expr:
    distinct = texts.drop_nulls().unique()
    return pl.col("text").replace_strict(
        distinct, [rewrite(text) for text in distinct], default=pl.col("text"), return_dtype=pl.String
    )


def _percent(text: str) -> str:
    """0.855 → 85.5%, in decimal arithmetic; text that is no number stays."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", text):
        return text
    shown = f"{Decimal(text).scaleb(2):f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + "%"


def _exponent(text: str) -> str:
    """511702199001011000 → 5.11702199001011E+17: the same number, and plainly none that was typed as a code."""
    digits = re.fullmatch(rf"(-?)(\d)(\d{{{LONG - 1},}})(?:\.\d+)?", text)
    if digits is None:
        return text
    rest = text.removeprefix("-")[1:].replace(".", "").rstrip("0")
    return f"{digits[1]}{digits[2]}{'.' if rest else ''}{rest}E+{len(digits[3])}"


def _as_dates(cells: pl.DataFrame) -> list[pl.Expr]:
    """Dates without their midnight, times of day without day 0."""
    dated = cells.select(pl.all().str.contains(DATED).any()) if cells.height else cells
    return [
        pl.col(name).str.replace(NO_DAY, "${1}").str.replace(MIDNIGHT, "${1}")
        if cells.height and dated[name][0]
        else pl.col(name)
        for name in cells.columns
    ]


def _refuse_long(cells: pl.DataFrame, sheet: Worksheet) -> None:
    longest = cells.select(pl.all().str.len_bytes().max()) if cells.height else cells
    for name in cells.columns if cells.height else []:
        if (longest[name][0] or 0) > CELL_CHARACTERS:
            lengths = cells[name].str.len_chars()
            refuse_long_cell(int(lengths.max()), int(lengths.arg_max()) + 1, sheet.name)


def _refuse_mangled(cells: pl.DataFrame) -> None:
    """'????' in more than 20 % of the text cells: the text was lost when the workbook was written."""
    if cells.is_empty():
        return
    texts = cells.head(1000).unpivot().get_column("value").drop_nulls()
    texts = texts.filter(texts.str.contains(r"[^0-9.eE+-]"))
    if len(texts) and texts.str.contains(r"^\?{2,}$").mean() > MANGLED_SHARE:
        raise UnreadableFile("encoding", "文字已变成问号，请从原系统重新导出后重报 · text was lost as question marks")


def _in_parts(cells: pl.DataFrame, sheet: Worksheet, parts: Parts) -> Iterator[Grid]:
    size = part_rows()
    for part, start in enumerate(range(0, max(cells.height, 1), size)):
        rows = cells.slice(start, size)
        lines = pl.int_range(start + 1, start + 1 + rows.height, eager=True)
        yield Grid(rows, lines, sheet=sheet.name, serials=parts.day_zero, part=part)
