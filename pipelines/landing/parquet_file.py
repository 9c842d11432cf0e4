"""Parquet as grids of text, some row groups at a time; the names count as row 1, as a header line would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from .grid import Grid, UnreadableFile
from .limits import COLUMNS, EXPANDED_BYTES
from .memory import part_rows

#: of text that one part may come to
PART_BYTES = EXPANDED_BYTES // 4
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
        texts = {
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        }
        content.seek(0)
        written = _written_row_by_row(pq.read_metadata(content), texts)
        content.seek(0)
        # one long text may stand for a million rows: it is measured before it is written out for each of them
        file = pq.ParquetFile(content, read_dictionary=sorted(texts - written))
        names = [f"c{place}" for place in range(len(schema.names))]
        header = pl.DataFrame([schema.names], schema=dict.fromkeys(names, pl.String), orient="row")
        yield Grid(header, pl.Series([1]), canonical_names=True)
        first = 2
        for part, batch in enumerate(file.iter_batches(part_rows()), 1):
            _refuse_no_text(batch)
            if sum(_length(column) for column in batch.columns) > PART_BYTES:
                raise _too_large()
            columns = [_written_out(column) for column in batch.columns]
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_arrays(columns, names)))
            cells = frame.select(_as_text(name, dtype) for name, dtype in frame.schema.items())
            yield Grid(cells, pl.int_range(first, first + cells.height, eager=True), canonical_names=True, part=part)
            first += cells.height
    except UnicodeDecodeError as error:  # of a column's name
        raise _undecodable() from error
    # polars panics at types that it does not have
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnreadableFile("unreadable_file", "不是可打开的Parquet文件 · not a readable Parquet file") from error


def _written_row_by_row(footer: Any, texts: set[str]) -> set[str]:
    """Those of `texts` (columns) that stand in the file once for each row, or none if a part of them were too large: to
    look for equal texts among them takes four times as long as to read them."""
    groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
    columns = [[group.column(place) for place in range(group.num_columns)] for group in groups]
    coded = {column.path_in_schema for group in columns for column in group if not PLAIN.issuperset(column.encodings)}
    written = texts - coded
    for group, chunks in zip(groups, columns, strict=True):
        size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in written)
        if size > PART_BYTES * min(1, group.num_rows / part_rows()):  # a part may be of many groups, or of one
            return set()
    return written


def _refuse_no_text(batch: Any) -> None:
    """Text is handed over unread: bytes that are no UTF-8 would end the run later, wherever they are looked at."""
    import pyarrow as pa

    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        raise _undecodable() from error


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

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.nbytes
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return 0
    return pc.sum(pc.take(pc.binary_length(column.dictionary), column.indices)).as_py() or 0


def _too_large() -> UnreadableFile:
    detail = "Parquet 展开后过大，请拆分后重报，或改报 .csv · Parquet too large once unpacked"
    return UnreadableFile("unreadable_file", detail)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Lists, structs and bytes are no cells: they read as empty."""
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.lit(None, dtype=pl.String).alias(name)
    return pl.col(name).cast(pl.String)
