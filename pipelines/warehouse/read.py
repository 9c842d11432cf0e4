"""Reading the released warehouse: read-only, and without a way to any other file."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import duckdb

from pipelines.settings import Settings

#: how a formula may begin in one spreadsheet or another (OWASP, CSV injection), also at full width
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?%?|-", re.ASCII)
QUESTIONS = ([duckdb.StatementType.SELECT], [duckdb.StatementType.EXPLAIN])


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


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection on which `marts.x`, `reference.x` and `ops.x` resolve, and nothing can be written or read elsewhere.

    The file is attached under another name: opened directly, DuckDB would name its catalogue `marts` like the schema
    and call `marts.x` ambiguous.
    """
    connection = duckdb.connect()
    name = str(database).replace("'", "''")
    connection.execute(f"attach '{name}' as carestat (read_only)")
    connection.execute("use carestat")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def query(database: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one question on a released file. Raises NotReadOnly, duckdb.Error."""
    connection = connect(database)
    try:
        statements = connection.extract_statements(sql)
        if [statement.type for statement in statements] not in QUESTIONS:
            raise NotReadOnly(
                "只接受一条查询语句 · only one statement, and only a question: select, with, describe, show"
            )
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return names, cursor.fetchall()
    finally:
        connection.close()


def as_csv(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """RFC 4180, lines ended by LF; NULL is an empty cell. A text that a spreadsheet would run as a formula begins with
    an apostrophe.
    """
    text = io.StringIO()
    # the writer quotes a CR only where lines end with one: unquoted, what follows it would begin a line of its own
    writer = csv.writer(text, lineterminator="\r\n")
    lines = []
    for row in (names, *rows):
        writer.writerow([_inert(cell) for cell in row])
        lines.append(text.getvalue().removesuffix("\r\n"))
        text.seek(0)
        text.truncate()
    return "".join(f"{line}\n" for line in lines)


def _inert(cell: Any) -> Any:
    """Numbers stay as they are, also those written as text; so does a single dash, which stands for nothing."""
    if not isinstance(cell, str) or not FORMULA.match(cell) or PLAIN.fullmatch(cell):
        return cell
    return f"'{cell}"


def as_json(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """A list of objects; NULL and NaN are null, a column name that comes again is numbered."""
    keys = [name if name not in names[:place] else f"{name}_{place + 1}" for place, name in enumerate(names)]
    plain = [[None if cell != cell else cell for cell in row] for row in rows]
    return (
        json.dumps([dict(zip(keys, row, strict=True)) for row in plain], ensure_ascii=False, indent=1, default=str)
        + "\n"
    )
