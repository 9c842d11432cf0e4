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
REPLACEMENT, MARK = "\ufffd".encode(), "\ufeff".encode()
UTF8, GB18030 = "utf-8-sig", "gb18030"


class EncodingChanged(Exception):
    """Text that began as UTF-8 turns out to be none: it is GB18030 as a whole (spec §1 Files), from its first byte."""


@dataclass(frozen=True)
class _Block:
    """Lines of a text, where they begin in the file; `text` None: a quote stands in them. `sure`: it is UTF-8."""

    start: int
    text: bytes | None
    encoding: str
    sure: bool = True


def csv_grids(content: BinaryIO, encoding: str = UTF8) -> Iterator[Grid]:
    """The table of a CSV file, part by part, read once from beginning to end.

    Raises UnreadableFile (encoding, unreadable_file) and EncodingChanged at any part.
    """
    line = 1
    for part, block in enumerate(one_ahead(_blocks(content, encoding))):
        if block.text is None:
            content.seek(block.start)
            yield from _quoted(content, block.encoding, line, part)
            return
        cells, widths = _even(block.text), None
        if cells is None:
            if not block.sure and not _is_utf8(block.text):
                raise EncodingChanged
            cells, widths = _uneven(block.text)
        lines = pl.int_range(line, line + cells.height, eager=True)
        yield Grid(cells, lines, widths=widths, encoding=block.encoding, part=part)
        line += cells.height


def _undecodable() -> UnreadableFile:
    return UnreadableFile("encoding", "既不是UTF-8也不是GB18030 · neither UTF-8 nor GB18030")


def _is_utf8(block: bytes) -> bool:
    if len(block) <= 2 * FIRST_PART:
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


def _blocks(content: BinaryIO, encoding: str) -> Iterator[_Block]:
    """The lines in order, cut after line ends; the first block of a large file is small. Ends at the first quote."""
    start, ascii_only = 0, True
    for block in _cut(content):
        if b"\0" in block:
            raise UnreadableFile("unreadable_file", "不是文本文件（CSV）· not a text file")
        # once a text has shown that it is UTF-8, the parser sees to the rest
        if encoding == UTF8 and ascii_only and not _is_utf8(block):
            encoding = GB18030
        # lines that end in a carriage return alone are cut by the csv module, too
        if b'"' in block or (b"\n" not in block and b"\r" in block):
            yield _Block(start, None, encoding)
            return
        sure = ascii_only or encoding != UTF8
        ascii_only = ascii_only and block.isascii()
        yield _Block(start, _plain(block, encoding), encoding, sure)
        start += len(block)


def _cut(content: BinaryIO) -> Iterator[bytes]:
    """Blocks that end at line ends. Where each ends is looked up first: what is read is not copied again."""
    start, size = content.tell(), FIRST_PART
    while True:
        content.seek(start + size)
        line = content.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            # lines may end in carriage returns; one at the very end may be half of a line end
            end = line.rfind(b"\r", 0, -1) + 1
            if not end:
                raise UnreadableFile("unreadable_file", "有一行超过16MB，不是表格 · a line is too long for a table")
            line = line[:end]
        content.seek(start)
        block = content.read(size + len(line))
        if not block:
            return
        yield block
        start, size = start + len(block), part_bytes()


def _plain(block: bytes, encoding: str) -> bytes:
    """UTF-8 with one kind of line end and without the mark at its beginning."""
    if encoding == UTF8:
        # the first byte alone is found at memory speed, and is rare
        if REPLACEMENT[:1] in block and REPLACEMENT in block:
            raise _undecodable()
        text = block.removeprefix(MARK)
    else:
        try:
            written = block.decode(encoding)
        except UnicodeDecodeError as error:
            raise _undecodable() from error
        if "\ufffd" in written:
            raise _undecodable()
        text = written.encode()
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _even(text: bytes) -> pl.DataFrame | None:
    """Lines that all have as many cells as the first; None where they have not.

    The parser refuses a line with more cells, and if none has more, the sum of commas says that none has fewer.
    """
    end = text.find(b"\n")
    commas = text.count(b",", 0, end if end >= 0 else len(text))
    if not 0 < commas < COLUMNS:
        return None
    schema = {f"c{place}": pl.String for place in range(commas + 1)}
    try:
        # the parser lets a surplus cell pass that is empty and the last of all
        whole = text if text.endswith(b"\n") else text + b"\n"
        cells = pl.read_csv(whole, has_header=False, schema=schema, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    # many times as fast as bytes.count where there are many
    found = np.count_nonzero(np.frombuffer(text, np.uint8) == ord(","))
    return cells if found == commas * cells.height else None


def _uneven(text: bytes) -> tuple[pl.DataFrame, pl.Series]:
    lines = pl.Series([text.decode().removesuffix("\n")]).str.split("\n").explode()
    widths = lines.str.count_matches(",", literal=True).cast(pl.Int64) + 1
    split = lines.str.split(",")
    most = min(int(widths.max() or 1), COLUMNS)
    columns = [split.list.get(place, null_on_oob=True).alias(f"c{place}") for place in range(most)]
    return pl.DataFrame(columns), widths


def _quoted(content: BinaryIO, encoding: str, start: int, part: int) -> Iterator[Grid]:
    """The rest of a text from where `content` stands, whose next line is `start`."""
    csv.field_size_limit(LONGEST_CELL)
    # the mark on a line of its own comes back as a row of its own, unless a quote before it was left open
    reader = csv.reader(chain(_lines(content, encoding), [END_OF_FILE]))
    before = start - 1
    held: list[tuple[list[str], int]] = []
    try:
        while chunk := list(islice(_numbered(reader, before), QUOTED_ROWS)):
            rows = held + chunk
            held, rows = rows[-1:], rows[:-1]
            if rows:
                yield _grid_of(rows, start, encoding, part)
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
        raise EncodingChanged if encoding == UTF8 else _undecodable() from error
    finally:
        text.detach()


def _numbered(reader: Any, before: int) -> Iterator[tuple[list[str], int]]:
    for row in reader:
        yield row, before + reader.line_num


def _grid_of(rows: list[tuple[list[str], int]], start: int, encoding: str, part: int) -> Grid:
    starts = [start, *(end + 1 for _, end in rows[:-1])]
    widths = pl.Series([max(len(row), 1) for row, _ in rows])
    columns = list(zip_longest(*(row for row, _ in rows)))[:COLUMNS]
    cells = pl.DataFrame({f"c{place}": pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)})
    if cells.width == 0:
        cells = pl.DataFrame({"c0": pl.Series([None] * len(rows), dtype=pl.String)})
    return Grid(cells, pl.Series(starts), widths=widths, encoding=encoding, part=part)
