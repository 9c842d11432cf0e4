"""DuckDB as a run opens it: within the bound of its memory (pipelines/memory.py), spilling below var/."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.memory import duckdb_mb


def opened(
    spill: Path, path: Path | None = None, *, read_only: bool = True, **beside: Path
) -> duckdb.DuckDBPyConnection:
    """The database `path`, or an empty one in memory, with a step's share of memory and a folder to spill to; others
    are attached by their names, to be read only like itself unless said otherwise. Raises duckdb.Error."""
    connection = duckdb.connect(str(path), read_only=read_only) if path else duckdb.connect()
    try:
        connection.execute(f"set memory_limit = '{duckdb_mb()}MB'")
        connection.execute(f"set temp_directory = {literal(spill)}")
        for name, file in beside.items():
            connection.execute(f"attach {literal(file)} as {name}{' (read_only)' if read_only else ''}")
    except BaseException:
        connection.close()
        raise
    return connection


def literal(path: Path) -> str:
    """A path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"
