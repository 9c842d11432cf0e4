"""The evidence of a release, opened: rules and words, and a connection on which staging reads again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

import duckdb

from pipelines.database import literal
from pipelines.publication.evidence.keep import EVIDENCE
from pipelines.publication.evidence.rules import Condition, Rule
from pipelines.settings import Settings
from pipelines.warehouse.read import released_file

#: regions as rows: those of the year, each with the line of the register that says so
REGISTERED = """
create view work.staging.registered_region as
select years.*, register.delivery_path, register.delivery_row
from carestat.reference.region_year as years
inner join work.staging.stg_regions as register
    on
        years.region_code = register.region_code
        and register.valid_from <= cast(years.period || '-12-31' as date)
        and (register.valid_to is null or register.valid_to > cast(years.period || '-12-31' as date))
"""


class NoEvidence(Exception):
    """The release in service was made before evidence was kept with it."""


class Evidence:
    """Rules of measures, and a connection that knows the marts (`carestat`), staging (`work`) and the rules (`kept`).

    Nothing can be written: both files are attached read-only, and what is made anew lies in memory.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, release_id: str) -> None:
        self.connection = connection
        self.release_id = release_id
        self.rules = {rule.measure_key: rule for rule in self._stored(Rule, "rule")}
        self.conditions: dict[str, list[Condition]] = defaultdict(list)
        for condition in self._stored(Condition, "condition"):
            self.conditions[condition.measure_key].append(condition)
        self._words = {tuple(row[:3]): row[3] for row in self.rows("select * from kept.evidence.word")}

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, release_id: str | None = None) -> Iterator[Self]:
        """The release in service, or an earlier one. Raises NoRelease, NoEvidence."""
        # one folder for all: a night that ends meanwhile changes the link, not what is opened here
        folder = released_file(settings, release_id).resolve().parent
        if not (folder / EVIDENCE).exists():
            raise NoEvidence(
                "该发布没有留存依据，请再运行一次 carestat nightly · no evidence was kept: run `carestat nightly` again"
            )
        release = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        connection = duckdb.connect()
        try:
            _attach(connection, folder, settings.var)
            yield cls(connection, release["release_id"])
        finally:
            connection.close()

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query; `?` stand for the parameters."""
        return self.connection.execute(sql, list(parameters) or None).fetchall()

    def records(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """The same, each row as a mapping from column to value."""
        cursor = self.connection.execute(sql, list(parameters) or None)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def word(self, relation: str, column: str, code: str) -> str:
        """What a supplier writes for a code."""
        return self._words.get((relation, column, code), code)

    def _stored(self, kind: type[Any], table: str) -> list[Any]:
        names = ", ".join(f'"{field.name}"' for field in fields(kind))
        order = "measure_key, number" if kind is Condition else "measure_key"
        return [kind(*row) for row in self.rows(f"select {names} from kept.evidence.{table} order by {order}")]


def _attach(connection: duckdb.DuckDBPyConnection, folder: Path, var: Path) -> None:
    """Make the names that staging's views read by: tables as kept, landed files where they lie below `var`."""
    for name, file in (("carestat", "marts.duckdb"), ("kept", EVIDENCE)):
        connection.execute(f"attach {literal(folder / file)} as {name} (read_only)")
    connection.execute("attach ':memory:' as work")
    connection.execute("use work")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'kept' and schema_name <> 'evidence'"
        " order by all"
    ).fetchall()
    for schema in sorted({schema for schema, _ in tables}):
        connection.execute(f"create schema {schema}")
    for schema, table in tables:
        connection.execute(f"create view {schema}.{table} as from kept.{schema}.{table}")
    landed: dict[str, list[str]] = defaultdict(list)
    for source, path in connection.execute("from kept.evidence.landed").fetchall():
        landed[source].append(literal(var / path))
    for source, files in landed.items():
        connection.execute(f"create view landing.{source} as from read_parquet([{', '.join(files)}])")
    views = connection.execute('select name, sql from kept.evidence."view" order by number').fetchall()
    for name, sql in views:
        connection.execute(f"create view staging.{name} as {sql}")
    connection.execute(REGISTERED)
    connection.execute("use carestat")
