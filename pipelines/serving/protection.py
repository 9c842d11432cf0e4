"""How each released table is served, as tables.yml says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.publication.disclosure.mask import MARKS
from pipelines.publication.disclosure.rule import THRESHOLD

TABLES = Path(__file__).parent / "tables.yml"
DOCUMENT_TABLE = "marts.<document>_<table>"
ROWS = ("all", "own", "cleared")
FIGURE = ("indicator_key", "variant", "region_code", "period")

#: by what a cell is hidden → the columns that say so, as the tables `hidden_…` of hidden.py call them
BY = {
    "always": (),
    "small": (),
    "figure": FIGURE,
    "numerator": FIGURE,
    "denominator": FIGURE,
    "personal": ("indicator_key", "variant"),
    "payment": ("programme_code", "region_code", "period"),
    "document_row": ("document_key", "table_key", "row_no"),
}
#: what stands beside a hidden cell, where the table has the column
MARK = {"": {}, "figure": MARKS, "count": {"conf_status": MARKS["conf_status"]}}


class NotListed(Exception):
    """Tables of which nobody has said how they are served; nothing is loaded."""


@dataclass(frozen=True)
class Blank:
    """`columns` are empty where `by` says so; none: the row is left out. `on`: what the table calls a column of BY."""

    by: str
    columns: tuple[str, ...] = ()
    on: dict[str, str] = field(default_factory=dict)
    mark: str = ""

    def __post_init__(self) -> None:
        if self.by not in BY or self.mark not in MARK or set(self.on) - set(BY[self.by]):
            raise ValueError(f"tables.yml: {self}")


@dataclass(frozen=True)
class Protection:
    """One table: whose `rows` are served whole, what else is blanked, and by what it is looked up."""

    rows: str = "all"
    blank: tuple[Blank, ...] = ()
    region: str = "region_code"
    key: tuple[str, ...] = ()
    index: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.rows not in ROWS:
            raise ValueError(f"tables.yml: rows: {self.rows}")

    @property
    def is_open(self) -> bool:
        """Whether every account sees the same."""
        return self.rows == "all" and not self.blank


@dataclass(frozen=True)
class Table:
    """A table of the release. `constants`: SQL for columns of BY that its name tells, and for its region."""

    schema: str
    name: str
    protection: Protection
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def stored(self) -> str:
        """What its rows are called behind the view of its name."""
        return f"{self.schema}_{self.name}"


def listed(path: Path = TABLES) -> dict[str, Protection]:
    """What tables.yml says of each table. Raises ValueError for what it may not say."""
    return {
        name: Protection(
            **{
                **entry,
                "blank": tuple(_blank(one) for one in entry.get("blank", ())),
                "key": tuple(entry.get("key", ())),
                "index": tuple(tuple(columns) for columns in entry.get("index", ())),
            }
        )
        for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    }


def tables_of(release: duckdb.DuckDBPyConnection, protections: dict[str, Protection] | None = None) -> list[Table]:
    """Every table of `marts` and `reference`, in order. Raises NotListed, naming those that have no entry."""
    protections = listed() if protections is None else protections
    printed = {
        f"marts.{document}_{table}": {
            "document_key": f"'{document}'",
            "table_key": f"'{table}'",
            "region_code": f"'{scope}'",
        }
        for document, table, scope in release.execute(
            "select document_key, table_key, scope_region from reference.document_table"
            " inner join reference.document using (document_key) order by all"
        ).fetchall()
    }
    there = release.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name in ('marts', 'reference') order by all"
    ).fetchall()
    found = []
    for schema, name in there:
        full_name = f"{schema}.{name}"
        entry = protections.get(full_name)
        if entry is None and full_name in printed:
            entry = protections.get(DOCUMENT_TABLE)
        if entry is not None:
            found.append(Table(schema, name, entry, printed.get(full_name, {})))
    unlisted = sorted({f"{schema}.{name}" for schema, name in there} - {table.full_name for table in found})
    if unlisted:
        raise NotListed(
            f"未定如何提供的表：{'、'.join(unlisted)}；请在 {TABLES.name} 中登记"
            f" · tables that {TABLES.name} says nothing of: {', '.join(unlisted)}"
        )
    return found


def _blank(entry: dict[str, Any]) -> Blank:
    return Blank(**{**entry, "columns": tuple(entry.get("columns", ()))})


def is_small(column: str) -> str:
    """SQL: a count that the rule of disclosure control calls small."""
    return f"({column} > 0 and {column} < {THRESHOLD})"
