"""A delivered file as a grid of text with physical row numbers, whatever it is written in.

CSV without quotes is split by polars, with quotes by the csv module: both give the same grid. Reading of broken or
hostile workbooks belongs here too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import polars as pl

QUOTED_CHUNK = 50_000
#: no delivered table has more columns; a line with more is cut, and still ragged
MOST_COLUMNS = 2_000
END_OF_FILE = "\x1e"
MANGLED_SHARE = 0.2


class UnreadableFile(Exception):
    """`reason` is unreadable_file or encoding (reason_codes), `detail` says it to the supplier (zh · en)."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Grid:
    """Text cells c0, c1, … with `lines` (physical row of each, from 1) and, for CSV, `widths` (cells written)."""

    cells: pl.DataFrame
    lines: pl.Series
    sheet: str | None = None
    widths: pl.Series | None = None
    #: numbers in date columns are Excel serials
    serials: bool = False
    #: column names stand for a header row, so canonical names are meant
    canonical_names: bool = False
    encoding: str | None = None


def read_grids(path: Path, kind: str) -> Iterator[Grid]:
    """Every table of the file in reading order: one for CSV and Parquet, one a visible worksheet.

    Raises UnreadableFile when the file cannot be opened or its text cannot be decoded.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile("unreadable_file", "文件打不开 · file cannot be opened") from error
    if not content:
        raise UnreadableFile("unreadable_file", "文件是空的（0字节）· file has zero bytes")
    return READERS[kind](content)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("encoding", "文件是UTF-16，请另存为UTF-8 · UTF-16, save as UTF-8")
    if b"\0" in content or content.startswith(b"PK\x03\x04"):
        raise UnreadableFile("unreadable_file", "不是文本文件（CSV）· not a text file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\ufffd" in text:
            break
        return text, encoding
    raise UnreadableFile("encoding", "既不是UTF-8也不是GB18030 · neither UTF-8 nor GB18030")


def _csv(content: bytes) -> Iterator[Grid]:
    text, encoding = _decoded(content)
    yield _quoted(text, encoding) if '"' in text else _unquoted(text, encoding)


def _unquoted(text: str, encoding: str) -> Grid:
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    lines = pl.Series([text]).str.split("\n").explode()
    widths = lines.str.count_matches(",", literal=True).cast(pl.Int64) + 1
    split = lines.str.split(",")
    most = min(int(widths.max() or 1), MOST_COLUMNS)
    columns = [split.list.get(i, null_on_oob=True).alias(f"c{i}") for i in range(most)]
    return Grid(pl.DataFrame(columns), pl.Series(range(1, len(lines) + 1)), widths=widths, encoding=encoding)


def _quoted(text: str, encoding: str) -> Grid:
    csv.field_size_limit(2**31 - 1)
    # the mark on a line of its own comes back as a row of its own, unless a quote before it was left open
    reader = csv.reader(io.StringIO(text.rstrip("\r\n") + f"\n{END_OF_FILE}", newline=""))
    frames, starts, widths, start, last = [], [], [], 1, None
    while chunk := list(islice(_numbered(reader), QUOTED_CHUNK)):
        rows = [row for row, _ in chunk]
        last = rows[-1]
        for row, end in chunk:
            starts.append(start)
            widths.append(max(len(row), 1))
            start = end + 1
        columns = list(zip_longest(*rows))[:MOST_COLUMNS]
        frames.append(pl.DataFrame({f"c{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)}))
    if last != [END_OF_FILE]:
        raise UnreadableFile("unreadable_file", "有一个引号没有配对 · a quote is never closed")
    cells = pl.concat(frames, how="diagonal").head(-1)
    return Grid(cells, pl.Series(starts[:-1]), widths=pl.Series(widths[:-1]), encoding=encoding)


def _numbered(reader: Any) -> Iterator[tuple[list[str], int]]:
    for row in reader:
        yield row, reader.line_num


def _xlsx(content: bytes) -> Iterator[Grid]:
    import fastexcel

    try:
        workbook = fastexcel.read_excel(content)
        sheets = [
            workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string") for name in workbook.sheet_names
        ]
    except fastexcel.FastExcelError as error:
        detail = "不是可打开的xlsx工作簿（损坏、加密或其他格式）· not a readable xlsx workbook"
        raise UnreadableFile("unreadable_file", detail) from error
    visible = [sheet for sheet in sheets if sheet.visible == "visible"]
    if not visible:
        raise UnreadableFile("unreadable_file", "工作簿没有可见的工作表 · no visible worksheet")
    for sheet in visible:
        cells = sheet.to_polars()
        cells.columns = [f"c{i}" for i in range(cells.width)]
        _refuse_mangled(cells)
        yield Grid(cells, pl.Series(range(1, cells.height + 1)), sheet=sheet.name, serials=True)


def _refuse_mangled(cells: pl.DataFrame) -> None:
    """'????' in more than 20 % of the text cells: the text was lost when the workbook was written."""
    if cells.is_empty():
        return
    texts = cells.head(1000).unpivot().get_column("value").drop_nulls()
    texts = texts.filter(texts.str.contains(r"[^0-9.eE+-]"))
    if len(texts) and texts.str.contains(r"^\?{2,}$").mean() > MANGLED_SHARE:
        raise UnreadableFile("encoding", "文字已变成问号，请用原文件重报 · text was lost as question marks")


def _parquet(content: bytes) -> Iterator[Grid]:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
        texts = frame.with_columns(_as_text(name, dtype) for name, dtype in frame.schema.items())
    except pl.exceptions.PolarsError as error:
        raise UnreadableFile("unreadable_file", "不是可打开的Parquet文件 · not a readable Parquet file") from error
    header = pl.DataFrame({name: [name] for name in frame.columns}, schema=dict.fromkeys(frame.columns, pl.String))
    cells = pl.concat([header, texts])
    cells.columns = [f"c{i}" for i in range(cells.width)]
    # the names count as row 1, as a header line would
    yield Grid(cells, pl.Series(range(1, cells.height + 1)), canonical_names=True)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Lists, structs and bytes are no cells: they read as empty."""
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.lit(None, dtype=pl.String).alias(name)
    return pl.col(name).cast(pl.String)


READERS: dict[str, Callable[[bytes], Iterator[Grid]]] = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}
