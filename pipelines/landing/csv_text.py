"""CSV as grids, part by part: decoded, split at line ends and commas, quotes undone (RFC 4180).

Text without quotes is split by polars, with quotes by the csv module: both give the same grid. A line end is one byte
that no multi-byte character of UTF-8 or GB18030 contains, so parts are cut at line ends before they are decoded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from .grid import Grid, UnreadableFile
from .limits import COLUMNS
from .memory import one_ahead, part_bytes

QUOTED_ROWS = 50_000
#: a cell or a line without an end is no table
LONGEST_CELL = 1_000_000
LONGEST_LINE = 16 << 20
END_OF_FILE = "\x1e"
#: the part that holds titles and header, whose lines are of different widths, is kept small
FIRST_PART = 1 << 16
REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True)
class _Manner:
    """How a text is written: found by looking at all of its bytes once."""

    encoding: str
    quoted: bool
    carriage_returns: bool


def csv_grids(content: BinaryIO) -> Iterator[Grid]:
    """The table of a CSV file, part by part.

    Raises UnreadableFile (encoding, unreadable_file) before the first part or, for text that is not UTF-8, at any.
    """
    manner = _manner(content)
    content.seek(0)
    return _quoted(content, manner) if manner.quoted else _unquoted(content, manner)


def _manner(content: BinaryIO) -> _Manner:
    head = content.read(4)
    content.seek(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("encoding", "文件是UTF-16，请另存为UTF-8 · UTF-16, save as UTF-8")
    encoding, quoted, returns, lines = "utf-8-sig", False, False, False
    for block in _blocks(content):
        if b"\0" in block or head.startswith(b"PK\x03\x04"):
            raise UnreadableFile("unreadable_file", "不是文本文件（CSV）· not a text file")
        quoted = quoted or b'"' in block
        returns = returns or b"\r" in block
        lines = lines or b"\n" in block
        if encoding == "utf-8-sig" and not _is_utf8(block):
            encoding = "gb18030"
        # the first byte alone is found at memory speed, and is rare
        if encoding == "utf-8-sig" and REPLACEMENT[:1] in block and REPLACEMENT in block:
            raise _undecodable()
    # lines that end in a carriage return alone are cut by the csv module, too
    return _Manner(encoding, quoted or not lines, returns)


def _undecodable() -> UnreadableFile:
    return UnreadableFile("encoding", "既不是UTF-8也不是GB18030 · neither UTF-8 nor GB18030")


def _is_utf8(block: bytes) -> bool:
    if len(block) < FIRST_PART:
        try:
            block.decode()
        except UnicodeDecodeError:
            return False
        return True
    import pyarrow as pa

    # Arrow validates at memory speed and keeps no copy
    ends = pa.py_buffer(len(block).to_bytes(8, "little").rjust(16, b"\0"))
    try:
        pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _blocks(content: BinaryIO) -> Iterator[bytes]:
    """The bytes in order, cut after line ends; the first block of a large file is small."""
    size = FIRST_PART
    while block := content.read(size):
        if len(block) == size:
            line = content.readline(LONGEST_LINE)
            if len(line) == LONGEST_LINE and b"\r" not in line:
                raise UnreadableFile("unreadable_file", "有一行超过16MB，不是表格 · a line is too long for a table")
            block += line
        yield block
        size = part_bytes()


def _decoded(block: bytes, encoding: str) -> bytes:
    """UTF-8 bytes of a block."""
    if encoding == "utf-8-sig":
        return block
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable() from error
    if "\ufffd" in text:
        raise _undecodable()
    return text.encode()


def _unquoted(content: BinaryIO, manner: _Manner) -> Iterator[Grid]:
    line = 1
    blocks = (_decoded(block, manner.encoding) for block in _blocks(content))
    for part, block in enumerate(one_ahead(blocks)):
        text = block.removeprefix(b"\xef\xbb\xbf") if part == 0 else block
        if manner.carriage_returns:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        height = _count(text, b"\n") + (not text.endswith(b"\n"))
        cells = _even(text, height)
        widths = None
        if cells is None:
            cells, widths = _uneven(text)
        yield Grid(
            cells,
            pl.int_range(line, line + height, eager=True),
            widths=widths,
            encoding=manner.encoding,
            part=part,
        )
        line += height


def _even(text: bytes, height: int) -> pl.DataFrame | None:
    """Lines that all have the same number of cells; None where they have not.

    The parser refuses a line with more cells, and if none has more, the sum of commas says that none has fewer.
    """
    commas, odd = divmod(_count(text, b","), height)
    if odd or not commas or commas >= COLUMNS:
        return None
    schema = {f"c{place}": pl.String for place in range(commas + 1)}
    try:
        cells = pl.read_csv(text, has_header=False, schema=schema, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    return cells if cells.height == height else None


def _count(text: bytes, byte: bytes) -> int:
    """How often; many times as fast as bytes.count where it is often."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == byte[0]))


def _uneven(text: bytes) -> tuple[pl.DataFrame, pl.Series]:
    lines = pl.Series([text.decode().removesuffix("\n")]).str.split("\n").explode()
    widths = lines.str.count_matches(",", literal=True).cast(pl.Int64) + 1
    split = lines.str.split(",")
    most = min(int(widths.max() or 1), COLUMNS)
    columns = [split.list.get(place, null_on_oob=True).alias(f"c{place}") for place in range(most)]
    return pl.DataFrame(columns), widths


def _quoted(content: BinaryIO, manner: _Manner) -> Iterator[Grid]:
    csv.field_size_limit(LONGEST_CELL)
    # the mark on a line of its own comes back as a row of its own, unless a quote before it was left open
    reader = csv.reader(chain(_lines(content, manner.encoding), [END_OF_FILE]))
    start, part = 1, 0
    held: list[tuple[list[str], int]] = []
    try:
        while chunk := list(islice(_numbered(reader), QUOTED_ROWS)):
            rows = held + chunk
            held, rows = rows[-1:], rows[:-1]
            if rows:
                yield _grid_of(rows, start, manner.encoding, part)
                start, part = rows[-1][1] + 1, part + 1
    except csv.Error as error:
        raise _unclosed() from error
    if not held or held[0][0] != [END_OF_FILE]:
        raise _unclosed()


def _unclosed() -> UnreadableFile:
    detail = f"有一个引号没有配对，或一个单元格超过{LONGEST_CELL}字 · a quote is never closed, or a cell is too long"
    return UnreadableFile("unreadable_file", detail)


def _lines(content: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(content, encoding=encoding, newline="")
    try:
        for line in text:
            if "\ufffd" in line:
                raise _undecodable()
            yield line
    except UnicodeDecodeError as error:
        raise _undecodable() from error
    finally:
        text.detach()


def _numbered(reader: Any) -> Iterator[tuple[list[str], int]]:
    for row in reader:
        yield row, reader.line_num


def _grid_of(rows: list[tuple[list[str], int]], start: int, encoding: str, part: int) -> Grid:
    starts = [start, *(end + 1 for _, end in rows[:-1])]
    widths = pl.Series([max(len(row), 1) for row, _ in rows])
    columns = list(zip_longest(*(row for row, _ in rows)))[:COLUMNS]
    cells = pl.DataFrame({f"c{place}": pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)})
    if cells.width == 0:
        cells = pl.DataFrame({"c0": pl.Series([None] * len(rows), dtype=pl.String)})
    return Grid(cells, pl.Series(starts), widths=widths, encoding=encoding, part=part)
