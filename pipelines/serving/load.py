"""A release onto the server: loaded beside the one in service, then put in its place in one transaction."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import psycopg
from psycopg import sql

from pipelines.publication.disclosure.former import Former, former, recall, remember
from pipelines.publication.edition import former_counts
from pipelines.publication.shelf import Shelf
from pipelines.serving import rows, shape
from pipelines.serving.hidden import Hidden, hide
from pipelines.serving.protection import Table, tables_of
from pipelines.serving.server import Connection, folder
from pipelines.settings import Settings
from pipelines.warehouse.read import connect as open_release
from pipelines.warehouse.read import released_file

SETUP = Path(__file__).parent / "setup.sql"
#: what disclosure control and the tables of a load depend on, beside the release
CODE = (Path(__file__).parent, Path(__file__).parents[1] / "publication" / "disclosure")
#: one load at a time, on one server
ADVISORY = 0x_CA2E_57A7
#: loads whose counts later plans have to reckon with, like the releases that are kept
KEPT_LOADS = 14
#: seconds an attempt to swap waits for statements under way; below the deadlock time-out of accounts, so that the load
#: gives way and never a reader
ATTEMPT, BETWEEN = 3, 1
PATIENCE = 1800


class NotSwapped(Exception):
    """Readers held the former release all the time; it stays in service."""


@dataclass(frozen=True)
class Loaded:
    """What is served: the release, whether it was loaded now, and how many counts of persons it hides."""

    release_id: str
    is_new: bool
    hidden: int = 0
    rows: int = 0


def load(settings: Settings, connection: Connection) -> Loaded:
    """Serve the release in service. A release that is served already, under the same rules, is left as it is.

    Raises NotListed, UnknownType, NotProtectable, Recoverable, Unaccounted, NoRelease, NotSwapped, psycopg.Error; then
    the former load is still served.
    """
    release_folder = released_file(settings).resolve().parent
    facts = json.loads((release_folder / "release.json").read_text(encoding="utf-8"))
    shelf = Shelf(settings.publication)
    print_of = _fingerprint(facts["release_id"], shelf)
    connection.execute("select pg_advisory_lock(%s)", [ADVISORY])
    try:
        if _served(connection) == (facts["release_id"], print_of):
            return Loaded(facts["release_id"], is_new=False)
        connection.execute(SETUP.read_text(encoding="utf-8"))
        release = open_release(release_folder / "marts.duckdb")
        try:
            tables = tables_of(release)
            hidden = hide(release, [*former_counts(shelf), *_former_loads(settings)])
            written = _fill(connection, release, tables)
        finally:
            release.close()
        _remember(settings, facts["release_id"], hidden)
        _swap(connection, {**facts, "fingerprint": print_of})
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [ADVISORY])
    return Loaded(facts["release_id"], True, hidden.plan.hidden.height, written)


def _served(connection: Connection) -> tuple[str, str] | None:
    try:
        return connection.execute("select release_id, fingerprint from carestat.release").fetchone()
    except psycopg.errors.UndefinedTable:
        return None


def _fingerprint(release_id: str, shelf: Shelf) -> str:
    """Of the release, the rules it is served under, and the editions whose figures are known to everybody."""
    digest = hashlib.sha256(release_id.encode())
    for code in CODE:
        for path in sorted([*code.glob("*.py"), *code.glob("*.sql"), *code.glob("*.yml")]):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for edition in shelf.kept():
        digest.update(edition.name.encode() + b"\0")
    return digest.hexdigest()


def _loads(settings: Settings) -> Path:
    return folder(settings) / "shown"


def _former_loads(settings: Settings) -> list[Former]:
    """What former loads have shown: whoever asked then may have kept it."""
    return [recall(path) for path in sorted(_loads(settings).glob("*.parquet"))]


def _remember(settings: Settings, release_id: str, hidden: Hidden) -> None:
    """Before anybody can see it. A load that shows the same as one before is known by that."""
    shown = former(hidden.cells, hidden.plan)
    for known in _former_loads(settings):
        if known.cells.equals(shown.cells) and known.relations.equals(shown.relations):
            return
    remember(hidden.cells, hidden.plan, _loads(settings) / f"{release_id}.parquet")
    for old in sorted(_loads(settings).glob("*.parquet"))[:-KEPT_LOADS]:
        old.unlink()


def _fill(connection: Connection, release: duckdb.DuckDBPyConnection, tables: list[Table]) -> int:
    """The next load, in schemas of its own that no account can enter; rows written."""
    written = 0
    with connection.transaction():
        connection.execute("set local role carestat_owner")
        for schema in shape.SCHEMAS:
            name = sql.Identifier(schema + shape.NEXT)
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
            connection.execute(sql.SQL("create schema {}").format(name))
        reach = release.execute("from reach").pl()
        into = sql.Identifier(f"masked{shape.NEXT}", "account_reach")
        names = "account_region text, region_code text, primary key (account_region, region_code)"
        connection.execute(sql.SQL("create table {} ({})").format(into, sql.SQL(names)))
        _copy(connection, f"masked{shape.NEXT}", "account_reach", iter([reach]))
        for table in tables:
            written += _fill_table(connection, release, table)
    return written


def _fill_table(connection: Connection, release: duckdb.DuckDBPyConnection, table: Table) -> int:
    columns = rows.columns_of(release, table)
    if table.protection.is_open:
        connection.execute(shape.create_table(table.schema, table.name, columns))
        written = _copy(connection, table.schema + shape.NEXT, table.name, rows.open_rows(release, table))
        made = [table.schema]
    else:
        written, made = 0, []
        for schema, extra, found in (
            ("masked", (rows.REGION, rows.HELD), rows.masked_rows),
            ("held", (rows.REGION,), rows.held_rows),
        ):
            connection.execute(shape.create_table(schema, table.name, columns, extra))
            written += _copy(connection, schema + shape.NEXT, table.name, found(release, table))
            made.append(schema)
        connection.execute(shape.create_view(table, columns))
    for schema in made:
        for statement in shape.indexes(schema, table):
            connection.execute(statement)
    for statement in shape.comments(table, rows.comment_of(release, table), columns):
        connection.execute(statement)
    return written


def _copy(connection: Connection, schema: str, name: str, batches: Iterator[pl.DataFrame]) -> int:
    """Rows frozen: whoever began to read before the load sees them too, or none of it."""
    written = 0
    into = sql.SQL("copy {} from stdin with (format csv, freeze)").format(sql.Identifier(schema, name))
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for batch in batches:
            text = io.BytesIO()
            # an empty text is not a missing one: only texts are quoted
            batch.write_csv(text, include_header=False, quote_style="non_numeric")
            copy.write(text.getvalue())
            written += batch.height
    return written


def _swap(connection: Connection, facts: dict[str, str]) -> None:
    """Drop the load in service and give the next one its names, when no statement or transaction reads it."""
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


def _exchange(connection: Connection, facts: dict[str, str]) -> None:
    connection.execute(f"set local lock_timeout = '{ATTEMPT}s'")
    served = connection.execute(
        "select relnamespace::regnamespace::text, relname from pg_class"
        " where relnamespace::regnamespace::text = any(%s) and relkind in ('r', 'v') order by 1, 2",
        [list(shape.SCHEMAS)],
    ).fetchall()
    if served:
        names = sql.SQL(", ").join(sql.Identifier(*name) for name in served)
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(names))
    connection.execute("set local role carestat_owner")
    for schema in shape.SCHEMAS:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        connection.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema + shape.NEXT), name))
    for schema in shape.SERVED:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("grant usage on schema {} to carestat_account").format(name))
        connection.execute(sql.SQL("grant select on all tables in schema {} to carestat_account").format(name))
    connection.execute("delete from carestat.release")
    connection.execute(
        "insert into carestat.release values (%s, %s, %s, %s)",
        [facts["release_id"], facts["released_at"], facts["fingerprint"], datetime.now(UTC)],
    )
