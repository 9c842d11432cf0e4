"""Rows onto the server: those of the next load beside those in service, or into tables of another shape."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import polars as pl
import psycopg
from psycopg import sql

from pipelines.serving import rows, shape
from pipelines.serving.protection import Table
from pipelines.serving.server import Connection
from pipelines.serving.shape import LOAD, NEXT, REACH, SCHEMAS, SERVED, Shape

#: seconds that an attempt to change the shape waits for statements under way; below the deadlock time-out of accounts,
#: so that the load gives way and never a reader
ATTEMPT, BETWEEN = 3, 1
PATIENCE = 1800


class NotSwapped(Exception):
    """Readers held the tables of the former shape all the time; it stays in service."""


def append(
    connection: Connection, release: duckdb.DuckDBPyConnection, tables: list[Table], facts: dict[str, str | int]
) -> int:
    """In one transaction: all rows into the tables that are there, and the word which load counts. Rows written.

    Nobody waits: statements and transactions under way go on seeing the former rows.
    """
    with connection.transaction():
        connection.execute("set local role carestat_owner")
        written = _write(connection, release, tables, int(facts["load"]), "")
        _put_in_service(connection, facts)
    clear(connection, tables, int(facts["load"]))
    return written


def replace(
    connection: Connection,
    release: duckdb.DuckDBPyConnection,
    tables: list[Table],
    made: Shape,
    facts: dict[str, str | int],
) -> int:
    """New tables in schemas of their own, then in place of the former ones in one transaction. Raises NotSwapped.

    The rows are frozen and bear the number of the load in service: a transaction that began before, and comes to these
    tables first, sees them.
    """
    with connection.transaction():
        connection.execute("set local role carestat_owner")
        for schema in SCHEMAS:
            name = sql.Identifier(schema + NEXT)
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
            connection.execute(sql.SQL("create schema {}").format(name))
        for statement in made.before:
            connection.execute(statement)
        written = _write(connection, release, tables, int(facts["load"]), NEXT)
        for statement in made.after:
            connection.execute(statement)
    for schema, name in _stored(tables):
        if schema == "shown":
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(schema + NEXT, name)))
    _swap(connection, facts)
    return written


def clear(connection: Connection, tables: list[Table], load: int) -> None:
    """Rows of former loads, which nobody sees any more. Waits for nobody and keeps nobody waiting."""
    for schema, name in _stored(tables):
        table = sql.Identifier(schema, name)
        gone = connection.execute(sql.SQL("delete from {} where {} <> %s").format(table, sql.Identifier(LOAD)), [load])
        if gone.rowcount:
            how = "truncate false, analyze" if schema == "shown" else "truncate false"
            connection.execute(sql.SQL(f"vacuum ({how}) {{}}").format(table))


def _stored(tables: list[Table]) -> list[tuple[str, str]]:
    return [("shown", REACH), *((schema, table.stored) for table in tables for schema in shape.behind(table))]


def _write(
    connection: Connection, release: duckdb.DuckDBPyConnection, tables: list[Table], load: int, suffix: str
) -> int:
    reach, is_new = iter([release.execute("from reach").pl()]), bool(suffix)
    _copy(connection, sql.Identifier(f"shown{suffix}", REACH), load, reach, is_new)
    written = 0
    for table in tables:
        found = {"shown": rows.open_rows if table.protection.is_open else rows.masked_rows, "held": rows.held_rows}
        for schema in shape.behind(table):
            into = sql.Identifier(schema + suffix, table.stored)
            written += _copy(connection, into, load, found[schema](release, table), is_new)
    return written


def _copy(
    connection: Connection, table: sql.Identifier, load: int, batches: Iterator[pl.DataFrame], is_new: bool
) -> int:
    written = 0
    into = sql.SQL("copy {} from stdin with (format csv, freeze {})").format(table, sql.Literal(is_new))
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for batch in batches:
            text = io.BytesIO()
            # an empty text is not a missing one: only texts are quoted
            batch.with_columns(pl.lit(load).alias(LOAD)).write_csv(
                text, include_header=False, quote_style="non_numeric"
            )
            copy.write(text.getvalue())
            written += batch.height
    return written


def _put_in_service(connection: Connection, facts: dict[str, str | int]) -> None:
    connection.execute("delete from carestat.release")
    connection.execute(
        "insert into carestat.release (release_id, released_at, fingerprint, shape, load, loaded_at)"
        " values (%s, %s, %s, %s, %s, %s)",
        [*(facts[name] for name in ("release_id", "released_at", "fingerprint", "shape", "load")), datetime.now(UTC)],
    )


def _swap(connection: Connection, facts: dict[str, str | int]) -> None:
    """Drop the tables in service and give the next ones their names, when no statement or transaction reads them."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with connection.transaction():
                _exchange(connection, facts)
            return
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as busy:
            if time.monotonic() > give_up:
                raise NotSwapped(
                    f"{PATIENCE // 60} 分钟内一直有人在读，原发布继续服务 · read without a pause, the former stays"
                ) from busy
            time.sleep(BETWEEN)


def _exchange(connection: Connection, facts: dict[str, str | int]) -> None:
    connection.execute(f"set local lock_timeout = '{ATTEMPT}s'")
    served = connection.execute(
        "select relnamespace::regnamespace::text, relname from pg_class"
        " where relnamespace::regnamespace::text = any(%s) and relkind in ('r', 'v') order by 1, 2",
        [list(SCHEMAS)],
    ).fetchall()
    if served:
        names = sql.SQL(", ").join(sql.Identifier(*name) for name in served)
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(names))
    connection.execute("set local role carestat_owner")
    for schema in SCHEMAS:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        connection.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema + NEXT), name))
    for schema in SERVED:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("grant usage on schema {} to carestat_account").format(name))
        connection.execute(sql.SQL("grant select on all tables in schema {} to carestat_account").format(name))
    _put_in_service(connection, facts)
