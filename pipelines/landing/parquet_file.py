"""Parquet as grids of text, some row groups at a time; the names count as row 1, as a header line would."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from .grid import Grid, UnreadableFile
from .limits import COLUMNS, EXPANDED_BYTES
from .memory import megabytes, part_rows

#: of text that one part may come to, and of it in a row of a part as large as it may be
PART_BYTES, TEXT_A_ROW = EXPANDED_BYTES // 4, 512
#: of memory that a cell takes while it is typed and judged, empty ones too
BYTES_A_CELL = 64
#: encodings of Parquet that write each value out, and those of its levels
PLAIN = {"PLAIN", "RLE", "BIT_PACKED"}


def parquet_grids(content: BinaryIO) -> Iterator[Grid]:
    """The table of a Parquet file, part by part.

    Raises UnreadableFile for what is no Parquet, is damaged, or would take too much memory once it is unpacked.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(content)
        if len(schema.names) > COLUMNS:
            raise _too_large()
        cells = [field for field in schema if _is_cell(field.type)]
        texts = {field.name for field in cells if _is_text(field.type)}
        rows = _rows_at_once(len(schema.names))
        content.seek(0)
        written = _written_row_by_row(pq.read_metadata(content), texts, rows)
        content.seek(0)
        # one long text may stand for a million rows: it is measured before it is written out for each of them
        file = pq.ParquetFile(content, read_dictionary=sorted(texts - written))
        names = [f"c{place}" for place in range(len(schema.names))]
        header = pl.DataFrame([schema.names], schema=dict.fromkeys(names, pl.String), orient="row")
        yield Grid(header, pl.Series([1]), canonical_names=True)
        first = 2
        # what is no cell is not even read: nobody measures it
        asked = None if len(cells) == len(schema) else list(dict.fromkeys(field.name for field in cells))
        for part, batch in enumerate(file.iter_batches(rows, columns=asked), 1):
            if batch.schema.names != [field.name for field in cells]:
                raise _unreadable()
            _refuse_no_text(batch)
            if sum(_length(column) for column in batch.columns) > PART_BYTES:
                raise _too_large()
            read = map(_written_out, batch.columns)
            columns = [next(read) if _is_cell(field.type) else pa.nulls(len(batch), pa.string()) for field in schema]
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_arrays(columns, names)))
            told = frame.select(pl.all().cast(pl.String))
            yield Grid(told, pl.int_range(first, first + told.height, eager=True), canonical_names=True, part=part)
            first += told.height
    except UnicodeDecodeError as error:  # of a column's name
        raise _undecodable() from error
    # polars panics at types that it does not have
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable() from error


def rows_of(path: Path) -> int:
    """The rows that a file says it has; none where it says nothing that can be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return 0


def _rows_at_once(columns: int) -> int:
    """Of one part: few where rows are wide, and never so many that honest texts are more than one may come to."""
    return max(1, min(part_rows(), (megabytes() << 20) // (BYTES_A_CELL * max(1, columns)), PART_BYTES // TEXT_A_ROW))


def _is_cell(kind: Any) -> bool:
    """Lists, structs, bytes and types of somebody's own are no cells: they read as empty."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_cell(kind.value_type)
    bytes_ = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    own = isinstance(kind, pa.BaseExtensionType)
    return not own and not pa.types.is_nested(kind) and not any(is_(kind) for is_ in bytes_)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return any(is_(kind) for is_ in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _written_row_by_row(footer: Any, texts: set[str], rows: int) -> set[str]:
    """Those of `texts` (columns) that stand in the file once for each row, or none if a part of them were too large: to
    look for equal texts among them takes four times as long as to read them."""
    written = set(texts)
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for chunk in _chunks(group):
            if not PLAIN.issuperset(chunk.encodings):
                written.discard(chunk.path_in_schema)
    sizes = []
    for group in map(footer.row_group, range(footer.num_row_groups)):
        size = sum(chunk.total_uncompressed_size for chunk in _chunks(group) if chunk.path_in_schema in written)
        sizes.append((group.num_rows, size))
    return written if _largest_part(sizes, rows) <= PART_BYTES else set()


def _chunks(group: Any) -> Iterator[Any]:
    return map(group.column, range(group.num_columns))


def _largest_part(groups: list[tuple[int, int]], rows: int) -> float:
    """At most so many bytes come to so many rows on end, by the rows and bytes of row groups in their order: those
    between which there are fewer rows may meet in one part, with a share of those that have more."""
    ends = list(accumulate(count for count, _ in groups))
    held = [0.0, *accumulate(size * min(1.0, rows / max(1, count)) for count, size in groups)]
    firsts = [bisect_right(ends, end - count - rows) for end, (count, _) in zip(ends, groups, strict=True)]
    return max((held[place + 1] - held[first] for place, first in enumerate(firsts)), default=0.0)


def _refuse_no_text(batch: Any) -> None:
    """Text is handed over unread: bytes that are no UTF-8 would end the run later, wherever they are looked at."""
    import pyarrow as pa

    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        raise _undecodable() from error


def _unreadable() -> UnreadableFile:
    return UnreadableFile("unreadable_file", "不是可打开的Parquet文件 · not a readable Parquet file")


def _undecodable() -> UnreadableFile:
    detail = "有文字不是UTF-8，请重新导出为 Parquet，或改报 .csv · text in it is no UTF-8"
    return UnreadableFile("encoding", detail)


def _written_out(column: Any) -> Any:
    """Texts row by row; dates and times as text, a day without its midnight; those beyond the calendar as text that is
    none. The longest decimals as text, too."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_decimal256(column.type):  # polars has none, and panics
        return pc.cast(column, pa.large_string())
    if not pa.types.is_temporal(column.type):
        return column
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column)
    return pc.replace_substring_regex(pc.cast(column, pa.large_string()), r"[ T]00:00:00(?:\.0+)?$", "")


def _length(column: Any) -> int:
    """Bytes of text in a column, or that a dictionary column stands for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if _is_text(column.type):
        return column.nbytes
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return 0
    return pc.sum(pc.take(pc.binary_length(column.dictionary), column.indices)).as_py() or 0


def _too_large() -> UnreadableFile:
    detail = "Parquet 展开后过大，请拆分后重报，或改报 .csv · Parquet too large once unpacked"
    return UnreadableFile("unreadable_file", detail)
