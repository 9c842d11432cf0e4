"""What stays from night to night, so that a night makes only what its deliveries change.

A build begins as a copy of the release in service and of the work file it was made with; dbt leaves every table alone
whose SQL and inputs stand (dbt_project/macros/kept.sql). Months of the ledgers stay in a file of their own, the
history, which is changed in place. All of it is made of landed files and can be made again, so nothing is ever
repaired: what cannot be opened, is of another DuckDB or of another release than the one in service is left out, and
the night makes everything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from pipelines.checks.scope import Standing
from pipelines.database import opened
from pipelines.settings import Settings
from pipelines.warehouse.build import Build

WORK = "work"
#: releases, the one in service among them
KEPT_RELEASES = 14


def begin(settings: Settings, build: Build, former: Path | None) -> bool:
    """Give the build the tables of `former`, the folder of a release; False where it begins empty."""
    kept = _work_file(settings, former.name) if former else None
    if kept is None or not kept.exists():
        return False
    try:
        shutil.copyfile(former / "marts.duckdb", build.marts)
        shutil.copyfile(kept, build.work)
        go_on(build)
    except (OSError, duckdb.Error):
        build.marts.unlink(missing_ok=True)
        build.work.unlink(missing_ok=True)
        return False
    return True


def go_on(build: Build) -> None:
    """Make of copied files those of a run that begins: what belongs to the former one alone goes, and what was made
    so far is noted. Raises duckdb.Error for files that cannot be read."""
    with opened(build.spill, build.marts, read_only=False) as connection:
        connection.execute("drop schema if exists ops cascade")
    with opened(build.spill, build.work, read_only=False) as connection:
        connection.execute("drop schema if exists landing cascade")
        connection.execute("update kept.state set is_changed = false")
        connection.execute("create or replace table kept.former_period as from kept.period")


def drop_others(build: Build, history: Path, nodes: Collection[Mapping[str, str]]) -> None:
    """Drop the tables and views of models that are no more, or that lie elsewhere now, and what is told of them.

    `nodes` are dbt's: unique_id, database, schema, alias.
    """
    beside = {node["unique_id"] for node in nodes if node["database"] == "history"}
    told = {"history": beside, "work": {node["unique_id"] for node in nodes} - beside}
    present = {(node["database"], node["schema"], node["alias"]) for node in nodes}
    with opened(build.spill, build.marts, read_only=False, work=build.work, history=history) as connection:
        found = connection.execute(
            "select database_name, schema_name, table_name, 'table' from duckdb_tables() union all"
            " select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal"
        ).fetchall()
        for database, schema, name, kind in sorted(found):
            if schema not in ("landing", "kept", "ops") and (database, schema, name) not in present:
                connection.execute(f'drop {kind} {database}."{schema}"."{name}"')
            if schema == "kept":
                connection.execute(
                    f"delete from {database}.kept.{name} where node not like 'source.%' and not list_contains(?, node)",
                    [sorted(told[database])],
                )
        connection.execute(
            "create or replace table work.kept.relation as select unnest(?) as node, unnest(?) as relation",
            [[node["unique_id"] for node in nodes], [f"{node['schema']}.{node['alias']}" for node in nodes]],
        )


def standing(build: Build) -> Standing:
    """What of the tables that readers are given is as in the former release."""
    with opened(build.spill, build.work) as connection:
        same = connection.execute(
            "select relation from kept.state inner join kept.relation using (node) where not is_changed"
        ).fetchall()
        made = connection.execute(
            "select relation, list(distinct period order by period) filter (now.node is null or former.node is null)"
            " from kept.period as now full join kept.former_period as former using (node, code, period, made_of)"
            " inner join kept.relation using (node) group by relation"
        ).fetchall()
    return Standing(frozenset(name for (name,) in same), {name: periods or [] for name, periods in made})


def keep(settings: Settings, build: Build, release_id: str) -> None:
    """Keep the work file for the night after `release_id`, and none of an earlier one."""
    kept = _work_file(settings, release_id)
    for earlier in kept.parent.glob(f"{WORK}-*"):
        earlier.unlink()
    os.replace(build.work, kept)


def prepare_history(settings: Settings) -> Path:
    """The history, fit to be opened. Raises duckdb.IOException when another process holds it."""
    path = settings.history
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # it holds persons' keyed hashes; readers have no business here
    for other in others(settings):
        other.unlink()
    spill = settings.warehouse / "build" / "spill"
    try:
        opened(spill, path, read_only=False).close()
    except duckdb.Error as broken:
        if "could not set lock" in str(broken).lower():
            raise
        discard(settings)
        opened(spill, path, read_only=False).close()
    return path


def others(settings: Settings) -> list[Path]:
    """Files of another DuckDB, and work files of other releases than the one in service."""
    path = settings.history
    served = (settings.warehouse / "current").resolve().name
    mine = (path.name, _work_file(settings, served).name)
    return sorted(other for other in path.parent.glob("*") if not other.name.startswith(mine))


def discard(settings: Settings) -> None:
    """Begin anew in the next run: a file that opens may still be damaged within."""
    for part in settings.history.parent.glob("*"):
        shutil.rmtree(part) if part.is_dir() else part.unlink()


def _work_file(settings: Settings, release_id: str) -> Path:
    return settings.history.with_name(f"{WORK}-{release_id}-{settings.history.name}")
