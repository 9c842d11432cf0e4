"""Which rows of a build have to be judged: those that can have changed since a release whose checks they passed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from pipelines.checks.sieve import suspects
from pipelines.checks.suite import Batch

#: so many rows of a batch `by` a column are looked through at once, as long as no single value has more
ROWS_AT_ONCE = 1_000_000
READ = re.compile(r"\b(marts|reference|ops|information_schema|released)\.(\w+)")


@dataclass(frozen=True)
class Standing:
    """What of a build is as in the former release, which the same code made and judged.

    unchanged: tables (`schema.table`) with the same rows. made: of tables kept by period, the periods made since.
    """

    unchanged: frozenset[str] = frozenset()
    made: Mapping[str, list[str]] = field(default_factory=dict)


NOTHING_STANDS = Standing()


def statements(
    connection: duckdb.DuckDBPyConnection, batch: Batch, standing: Standing, passed: Collection[str]
) -> Iterator[tuple[Batch, str]]:
    """What is to be judged of a batch, frame by frame, and by which of its expectations. Of a batch `by` a column those
    that `passed` (names) look at what changed, the others at everything. Raises duckdb.Error, as `parts`."""
    stand = [item for item in batch.expectations if item.name in passed]
    others = [item for item in batch.expectations if item.name not in passed]
    for asked, stands in [(stand, True), (others, False)] if batch.by else [(batch.expectations, not others)]:
        part = replace(batch, expectations=tuple(asked))
        for sql in parts(connection, part, standing, stands) if asked else []:
            yield part, sql


def parts(connection: duckdb.DuckDBPyConnection, batch: Batch, standing: Standing, passed: bool) -> list[str]:
    """The statements whose rows are to be judged, one frame each: none where all that the batch reads is unchanged and
    its expectations `passed`; of a batch `by` a column only the values made since, some of them at a time, and only
    rows that can be at fault.

    Raises duckdb.Error for a table that is not there.
    """
    read = {f"{schema}.{table}" for schema, table in READ.findall(batch.sql)}
    changed = read - standing.unchanged if passed and read and not batch.requires_released else None
    if changed == set():
        return []
    if not batch.by:
        return [batch.sql]
    only = None
    if changed and changed <= set(standing.made):
        only = {value for table in changed for value in standing.made[table]}
    values = {
        value: rows for value, rows in _values(connection, batch.by, read).items() if only is None or value in only
    }
    if not values and only is None:
        return [batch.sql]
    return [suspects(batch.sql, _among(batch.by, group), batch.expectations) for group in _groups(values)]


def _values(connection: duckdb.DuckDBPyConnection, column: str, read: set[str]) -> dict[Any, int]:
    """The values of the column in all tables of marts that have it, with the rows of the table that has most."""
    having = connection.execute(
        "select schema_name || '.' || table_name from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'marts' and column_name = ? order by all",
        [column],
    ).fetchall()
    found: dict[Any, int] = {}
    for (table,) in having:
        if table in read:
            counted = connection.execute(f'select "{column}", count(*) from {table} group by all').fetchall()
            for value, rows in counted:
                found[value] = max(rows, found.get(value, 0))
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0])))


def _groups(values: Mapping[Any, int]) -> list[list[Any]]:
    groups: list[list[Any]] = []
    room = 0
    for value, rows in values.items():
        if rows > room or not groups:
            groups.append([])
            room = ROWS_AT_ONCE
        groups[-1].append(value)
        room -= rows
    return groups


def _among(column: str, values: list[Any]) -> str:
    named = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values if value is not None)
    either = [f'"{column}" in ({named})'] * bool(named) + [f'"{column}" is null'] * (None in values)
    return " or ".join(either)
