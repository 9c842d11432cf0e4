"""The released tables as Parquet, for those who read files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.checks.scope import NOTHING_STANDS, Standing
from pipelines.database import literal, opened

EXPORTED_SCHEMAS = ("reference", "marts")
#: a table of more rows that has a column `period` becomes a folder, a file a period
ROWS_OF_ONE_FILE = 1_000_000
NO_PERIOD = "none"


def export_parquet(
    database: Path, folder: Path, former: Path | None = None, standing: Standing = NOTHING_STANDS
) -> None:
    """Every table of `reference` and `marts` as `<schema>/<table>.parquet`, a large one as
    `<schema>/<table>/<period>.parquet`, rows ordered by all columns in turn.

    One thread and a full order make the bytes of a file depend on its rows alone; so a file whose rows are `standing`
    as they were in the Parquet folder `former` is that one. Raises duckdb.Error or OSError (a full disk).
    """
    with opened(folder.with_name("spill"), database) as connection:
        connection.execute("set threads = 1")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in (select unnest(?)) order by all",
            [list(EXPORTED_SCHEMAS)],
        ).fetchall()
        for schema, table in tables:
            for file, rows, stays in _files(connection, schema, table, standing):
                target, held = folder / file, former and former / file
                target.parent.mkdir(parents=True, exist_ok=True)
                if stays and held and held.exists():
                    os.link(held, target)
                    continue
                connection.execute(
                    f"copy (select * from {_name(schema, table)} where {rows} order by all) to {literal(target)}"
                    " (format parquet, compression zstd, row_group_size 122880)"
                )
                os.chmod(target, 0o640)


def _files(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, standing: Standing
) -> Iterator[tuple[Path, str, bool]]:
    """The files of a table, below the folder: each with the condition of its rows, and whether these stay."""
    told, name = f"{schema}.{table}", _name(schema, table)
    is_same, made = told in standing.unchanged, standing.made.get(told)
    [(rows,)] = connection.execute(f"select count(*) from {name}").fetchall()
    [(has_periods,)] = connection.execute(
        "select count(*) from duckdb_columns() where database_name = current_database()"
        " and schema_name = ? and table_name = ? and column_name = 'period'",
        [schema, table],
    ).fetchall()
    if rows <= ROWS_OF_ONE_FILE or not has_periods:
        yield Path(schema, f"{table}.parquet"), "true", is_same
        return
    for (period,) in connection.execute(f"select distinct period from {name} order by all").fetchall():
        those = "period is null" if period is None else f"period = '{period}'"
        stays = is_same or (made is not None and period not in made)
        yield Path(schema, table, f"{period or NO_PERIOD}.parquet"), those, stays


def _name(schema: str, table: str) -> str:
    """With the catalogue, which DuckDB names after the file: `marts`, like the schema."""
    return f'marts."{schema}"."{table}"'
