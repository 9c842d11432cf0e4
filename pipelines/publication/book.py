"""What every form renders: the tables of one edition, after disclosure control, and what the edition is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Column:
    """A published column. `kind`: text | code | integer | number | boolean | date; `unit` where always the same."""

    name: str
    zh: str
    en: str
    kind: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """A published table: what one row is (`grain`) and which columns identify it."""

    name: str
    zh: str
    en: str
    grain: str
    key: tuple[str, ...]


def declared() -> tuple[dict[str, Table], dict[str, Column]]:
    """Tables in their order and all columns by name, as tables.yml declares them."""
    text = yaml.safe_load((FOLDER / "tables.yml").read_text(encoding="utf-8"))
    tables = {
        name: Table(name, entry["title"]["zh"], entry["title"]["en"], entry["grain"], tuple(entry["key"]))
        for name, entry in text["tables"].items()
    }
    return tables, {name: Column(name, **entry) for name, entry in text["columns"].items()}


TABLES, COLUMNS = declared()


@dataclass(frozen=True)
class Imprint:
    """What stands on the cover. Times are the release's: the publication has no clock of its own."""

    year: str
    edition: int
    release_id: str
    #: ISO 8601, UTC
    released_at: str
    code_version: str
    #: why an edition after the first was made
    reason: str = ""
    #: what stood against this edition, and why it was made nevertheless
    objections: tuple[str, ...] = ()
    forced_because: str = ""
    #: the edition that `changes` compares with, '2024-1'; empty for the first of all
    compared_with: str = ""

    @property
    def title(self) -> str:
        return f"“一老一小”指标公报（{self.year}）"

    @property
    def title_en(self) -> str:
        return f"Indicators of elderly care and childcare, {self.year}"

    @property
    def name(self) -> str:
        """'2025-1', as files and citations have it."""
        return f"{self.year}-{self.edition}"


@dataclass(frozen=True)
class Book:
    """One edition's content. Every form renders this and nothing else."""

    imprint: Imprint
    tables: dict[str, pl.DataFrame] = field(repr=False)

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def rows(self, table: str, **wanted: Any) -> list[dict[str, Any]]:
        """Rows of a table that hold these values, in the table's order."""
        frame = self.tables[table]
        for column, value in wanted.items():
            frame = frame.filter(pl.col(column).eq_missing(pl.lit(value)))
        return frame.to_dicts()

    def listed(self) -> Iterator[tuple[Table, list[Column], pl.DataFrame]]:
        """Tables in their order, each with its columns and rows."""
        for name, table in TABLES.items():
            if name in self.tables:
                frame = self.tables[name]
                yield table, [COLUMNS[column] for column in frame.columns], frame

    @cached_property
    def definitions(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(indicator, variant) → its definition."""
        return {(row["indicator_key"], row["variant"]): row for row in self.tables["indicators"].to_dicts()}

    @cached_property
    def measures(self) -> dict[str, dict[str, Any]]:
        return {row["measure_key"]: row for row in self.tables["measures"].to_dicts()}

    @cached_property
    def regions(self) -> dict[str, dict[str, Any]]:
        return {row["region_code"]: row for row in self.tables["regions"].to_dicts()}

    @cached_property
    def documents(self) -> dict[str, dict[str, Any]]:
        return {row["document_key"]: row for row in self.tables["documents"].to_dicts()}

    @property
    def caution(self) -> tuple[str, str] | None:
        """What the cover has to say where figures rest on synthetic data, Chinese and English; None where none do."""
        told = self.tables["sources"]["origin"].to_list() if "sources" in self.tables else []
        invented, partly = told.count("synthetic"), told.count("mixed")
        if not invented + partly:
            return None
        return (
            f"本公报所据{len(told)}个来源中，{invented}个为合成数据，{partly}个真实与合成兼有，不代表任何部门的真实情况；"
            "逐个来源见“来源与来历”。",
            f"Of {len(told)} sources {invented} are synthetic and {partly} partly so: this edition describes no real "
            "department. Each source is told under “Sources and their origin”.",
        )


def whole_sum(column: str) -> pl.Expr:
    """The sum of a column where nothing of it is missing or hidden, else null: never a sum of what is left."""
    return pl.when(pl.col(column).null_count() == 0).then(pl.col(column).sum()).alias(column)
