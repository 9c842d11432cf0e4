"""Reading the released warehouse: read-only, and without a way to any other file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.database import literal
from pipelines.settings import Settings

QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


class NoRelease(Exception):
    """Nothing has been released yet, or no release of that name is kept."""


class NotReadOnly(Exception):
    """Not a question, or more than one."""


def released_file(settings: Settings, release_id: str | None = None) -> Path:
    """The released database file, or an earlier release's. Raises NoRelease, naming the releases that are kept."""
    if release_id is None:
        if not settings.released.exists():
            raise NoRelease("尚无发布，请先运行 carestat nightly · nothing released yet: run `carestat nightly`")
        return settings.released
    folder = settings.warehouse / "releases"
    kept = sorted(path.name for path in folder.glob("*")) if folder.exists() else []
    if release_id not in kept:
        raise NoRelease(f"没有发布 {release_id} · no such release; kept: {', '.join(kept) or 'none'}")
    return folder / release_id / "marts.duckdb"


def connect(database: Path, **options: str | bool) -> duckdb.DuckDBPyConnection:
    """A connection on which `marts.x`, `reference.x` and `ops.x` resolve, and nothing can be written or read elsewhere.

    The file is attached under another name: opened directly, DuckDB would name its catalogue `marts` like the schema
    and call `marts.x` ambiguous. `options` are DuckDB's own settings, which can't be changed afterwards.
    """
    connection = duckdb.connect()
    connection.execute(f"attach {literal(database)} as carestat (read_only)")
    connection.execute("use carestat")
    for option, value in options.items():
        connection.execute(f"set {option} = '{value}'")
    # no spilling into the folder the reader happens to stand in, and no variable of the program as a table
    connection.execute("set temp_directory = ''")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    # the line above spares the paths of attached files: `explain analyze copy … to` would overwrite the release
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set lock_configuration = true")
    return connection


def questions(connection: duckdb.DuckDBPyConnection, sql: str) -> list[duckdb.Statement]:
    """The statements of a text, one or more, all of them questions. Raises NotReadOnly, duckdb.Error."""
    statements = connection.extract_statements(sql)
    if not statements or any(statement.type not in QUESTIONS for statement in statements):
        raise NotReadOnly("只接受查询语句 · only questions: select, with, from, describe, show, explain")
    return statements


def query(database: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and all rows of one question on a released file. Raises NotReadOnly, duckdb.Error."""
    connection = connect(database)
    try:
        statements = questions(connection, sql)
        if len(statements) > 1:
            raise NotReadOnly("只接受一条语句 · only one statement")
        cursor = connection.execute(statements[0])
        return [column[0] for column in cursor.description or []], cursor.fetchall()
    finally:
        connection.close()
