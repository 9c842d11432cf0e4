"""What a release keeps to answer for its numbers: `evidence.duckdb` beside its marts.

The landed files stay where they are, named by their content; the evidence says which of them were in force, how staging
read them (its views as text, its look-ups as tables), and by which rules measures counted. So a release is traced by
its own definitions, without dbt and without the build it came from.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import astuple, fields
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import polars as pl

from pipelines.contracts import CONTRACTS
from pipelines.database import literal, opened
from pipelines.dictionary.models import Models
from pipelines.dictionary.registry import Registry
from pipelines.publication.evidence.rules import Condition, Rule, Rules
from pipelines.settings import Settings
from pipelines.warehouse.build import Build

_STAGED = re.compile(r'"staging"\."(\w+)"')
EVIDENCE = "evidence.duckdb"
#: what is kept beside staging: own figures of regions, who delivered, and units judged one by one
KEPT = (
    "measures.msr_population",
    "measures.msr_deaths",
    "measures.msr_agency_returns",
    "measures.government_delivery",
    "indicators.threshold_unit",
)

#: what is told of the rules
RULES = ("rule", "condition", "word")


def keep_evidence(settings: Settings, build: Build, same_code: Path | None = None) -> Path:
    """Write the evidence of a finished build into its folder, readable like the marts themselves.

    same_code: the folder of a release that the same code made. Its rules are taken over: they follow from code alone.
    """
    path = build.folder / EVIDENCE
    connection = opened(build.spill, work=build.work, marts=build.marts)
    try:
        connection.execute(f"attach {literal(path)} as kept")
        _copy_tables(connection)
        _keep_views(connection, build.folder / "dbt" / "compiled" / "carestat" / "models" / "staging")
        if same_code:
            _take_rules(connection, same_code / EVIDENCE)
        else:
            _keep_rules(connection, settings)
        fill(connection, "landed", ("source", "path"), _landed(settings, build))
    finally:
        connection.close()
    os.chmod(path, 0o640)
    return path


def _copy_tables(connection: duckdb.DuckDBPyConnection) -> None:
    small = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'work'"
        " and schema_name in ('landing', 'staging') order by all"
    ).fetchall()
    for schema in ("evidence", "landing", "staging", "measures", "indicators"):
        connection.execute(f"create schema kept.{schema}")
    for name in [*(name for (name,) in small), *KEPT]:
        connection.execute(f"create table kept.{name} as from work.{name}")


def _keep_views(connection: duckdb.DuckDBPyConnection, compiled: Path) -> None:
    """Staging's views, each after those it reads; the marts are reached by the name readers give them.

    As dbt compiled them: DuckDB's own text of a view writes a cross join as a comma, which then binds otherwise.
    """
    views = {
        name: (compiled / f"{name}.sql").read_text(encoding="utf-8")
        for (name,) in connection.execute(
            "select view_name from duckdb_views()"
            " where database_name = 'work' and schema_name = 'staging' and not internal order by all"
        ).fetchall()
    }
    reads = {name: views.keys() & set(_STAGED.findall(sql)) - {name} for name, sql in views.items()}
    said = [
        (number, name, views[name].replace('"marts"."reference".', "carestat.reference."))
        for number, name in enumerate(TopologicalSorter(reads).static_order())
    ]
    fill(connection, "view", ("number", "name", "sql"), said)


def _keep_rules(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    columns: dict[str, set[str]] = {}
    for relation, name in connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where (database_name, schema_name) in (('work', 'staging'), ('marts', 'reference'))"
    ).fetchall():
        columns.setdefault(relation, set()).add(name)
    rules = Rules(
        Models(settings.dbt_project),
        Registry(settings.dbt_project),
        CONTRACTS,
        {relation: frozenset(names) for relation, names in columns.items()},
    )
    fill(connection, "rule", tuple(f.name for f in fields(Rule)), map(astuple, rules.rules))
    fill(connection, "condition", tuple(f.name for f in fields(Condition)), map(astuple, rules.conditions))
    fill(connection, "word", ("relation", "shown", "code", "word"), rules.words)


def _take_rules(connection: duckdb.DuckDBPyConnection, evidence: Path) -> None:
    connection.execute(f"attach {literal(evidence)} as former (read_only)")
    for table in RULES:
        connection.execute(f'create table kept.evidence."{table}" as from former.evidence."{table}"')
    connection.execute("detach former")


def _landed(settings: Settings, build: Build) -> list[tuple[str, str]]:
    """Source and path, below var, of every landed file in force."""
    return [
        (listed.stem, os.path.relpath(file, settings.var))
        for listed in sorted((build.folder / "landed").glob("*.json"))
        for file in json.loads(listed.read_text())
    ]


def fill(
    connection: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...], rows: Iterable[tuple[object, ...]]
) -> None:
    """A table of schema `evidence` in the attached database `kept`."""
    frame = pl.DataFrame(list(rows), schema=list(names), orient="row", infer_schema_length=None)
    connection.register("given", frame.to_arrow())
    connection.execute(f'create table kept.evidence."{table}" as from given')
    connection.unregister("given")
