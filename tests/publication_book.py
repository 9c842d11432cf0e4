"""The small book of small_book.yml, for tests of the publication's forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.publication.book import COLUMNS, Book, Imprint

FILE = Path(__file__).with_name("small_book.yml")
KINDS = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}


def small_book() -> Book:
    """Edition 2 of the year 2025."""
    typed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Book(Imprint(**typed["imprint"]), {name: _frame(**table) for name, table in typed["tables"].items()})


def _frame(columns: list[str], rows: list[dict[str, Any]]) -> pl.DataFrame:
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, f"small_book.yml: {unknown}"
    schema = {name: KINDS.get(COLUMNS[name].kind, pl.String) for name in columns}
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=schema)
