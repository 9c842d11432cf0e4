"""A delivered file as grids of text with physical row numbers, whatever it is written in.

A file holds one or more tables (the worksheets of a workbook), and a table comes in parts that fit into memory: a part
whose `part` is 0 begins a table. CSV is read in `csv_text`, workbooks in `workbook`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl


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
    #: None: every row is as wide as the grid
    widths: pl.Series | None = None
    #: day 0 of the serial numbers that stand for dates in a workbook; None: numbers are no dates
    serials: date | None = None
    #: column names stand for a header row, so canonical names are meant
    canonical_names: bool = False
    encoding: str | None = None
    #: which part of its table this is
    part: int = 0


def read_grids(path: Path, kind: str, encoding: str | None = None) -> Iterator[Grid]:
    """Every table of the file in reading order, part by part: one for CSV and Parquet, one a visible worksheet.

    `encoding` is known where EncodingChanged was raised before. Raises that, and UnreadableFile when the file cannot
    be opened or its text cannot be decoded, at any part.
    """
    from .sniff import HEAD, refuse_wrong_kind

    try:
        with open(path, "rb") as content:
            refuse_wrong_kind(content.read(HEAD), kind, os.fstat(content.fileno()).st_size)
            content.seek(0)
            yield from _reader(kind, encoding)(content)
    except OSError as error:
        raise UnreadableFile("unreadable_file", "文件打不开 · file cannot be opened") from error


def _reader(kind: str, encoding: str | None) -> Callable[[BinaryIO], Iterator[Grid]]:
    from .csv_text import csv_grids
    from .parquet_file import parquet_grids
    from .workbook import read_sheets

    csv = partial(csv_grids, encoding=encoding) if encoding else csv_grids
    return {"csv": csv, "xlsx": lambda content: read_sheets(content.read()), "parquet": parquet_grids}[kind]
