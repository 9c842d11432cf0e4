"""The rows of a served table: masked as everybody sees them, and the true ones that only their own region sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.serving.protection import BY, MARK, Blank, Table, is_small

#: rows at a time on their way to the server
BATCH = 50_000
REGION, HELD = "region__", "held__"


@dataclass(frozen=True)
class Column:
    """A column with its DuckDB type and its comment."""

    name: str
    type: str
    comment: str


def columns_of(release: duckdb.DuckDBPyConnection, table: Table) -> list[Column]:
    """The columns of a released table, in order."""
    rows = release.execute(
        "select column_name, data_type, coalesce(comment, '') from duckdb_columns()"
        " where database_name = current_database() and schema_name = ? and table_name = ? order by column_index",
        [table.schema, table.name],
    ).fetchall()
    return [Column(*row) for row in rows]


def comment_of(release: duckdb.DuckDBPyConnection, table: Table) -> str:
    """What the table is about; empty where the release does not say."""
    [comment] = release.execute(
        "select coalesce(comment, '') from duckdb_tables()"
        " where database_name = current_database() and schema_name = ? and table_name = ?",
        [table.schema, table.name],
    ).fetchone()
    return comment


def open_rows(release: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pl.DataFrame]:
    """An open table as it is."""
    return _batches(release, f"select * from {table.full_name}")


def masked_rows(release: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pl.DataFrame]:
    """Every row that is served to all, blanked; REGION is the region it is about, HELD whether anything is blanked."""
    told = [f"{_masked(release, table, column)} as {column.name}" for column in columns_of(release, table)]
    return _batches(
        release,
        f"select {', '.join(told)}, {_region(release, table)} as {REGION}, {_is_held(release, table)} as {HELD}"
        f" from {table.full_name} as rows__ where not ({_is_left_out(table)})",
    )


def held_rows(release: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pl.DataFrame]:
    """The true rows of which something is blanked or that are left out; REGION as above."""
    return _batches(
        release,
        f"select *, {_region(release, table)} as {REGION}"
        f" from {table.full_name} as rows__ where {_is_left_out(table)} or {_is_held(release, table)}",
    )


def _batches(release: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pl.DataFrame]:
    for batch in release.execute(sql).to_arrow_reader(BATCH):
        yield pl.from_arrow(batch)


def _names(release: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    return {column.name for column in columns_of(release, table)}


def _region(release: duckdb.DuckDBPyConnection, table: Table) -> str:
    """A row without a region is nobody's own."""
    region = table.protection.region
    if region in _names(release, table):
        return f"rows__.{region}"
    return table.constants.get("region_code", "cast(null as varchar)")


def _condition(table: Table, blank: Blank) -> str:
    """SQL: whether the row is one of those that `blank.by` speaks of. Raises KeyError for a column nobody names."""
    if blank.by == "always":
        return "true"
    if blank.by == "small":
        return " or ".join(
            f"(select coalesce(bool_or({is_small(column)}), false) from {table.full_name})" for column in blank.columns
        )
    same = []
    for key in BY[blank.by]:
        told = table.constants.get(key) or f"rows__.{blank.on.get(key, key)}"
        same.append(f"hidden__.{key} = {told}")
    found = f"exists (select 1 from hidden_{blank.by} as hidden__ where {' and '.join(same)})"
    # where regions have merged the figure has no published key: what is made of persons is then hidden
    missing = [f"rows__.{name} is null" for name in blank.on.values()]
    if not missing:
        return found
    personal = (
        "exists (select 1 from hidden_personal as personal__"
        " where personal__.indicator_key = rows__.indicator_key and personal__.variant = rows__.variant)"
    )
    return f"({found} or ({' or '.join(missing)}) and {personal})"


def _blanks(table: Table) -> list[Blank]:
    return [blank for blank in table.protection.blank if blank.columns]


def _is_left_out(table: Table) -> str:
    if table.protection.rows != "all":
        return "true"
    conditions = [_condition(table, blank) for blank in table.protection.blank if not blank.columns]
    return " or ".join(conditions) or "false"


def _masked(release: duckdb.DuckDBPyConnection, table: Table, column: Column) -> str:
    """SQL: the column as everybody sees it."""
    sql = f"rows__.{column.name}"
    for blank in _blanks(table):
        mark = MARK[blank.mark].get(column.name)
        if column.name in blank.columns:
            sql = f"case when {_condition(table, blank)} then null else {sql} end"
        elif mark is not None:
            sql = f"case when {_condition(table, blank)} then '{mark}' else {sql} end"
    return sql


def _is_held(release: duckdb.DuckDBPyConnection, table: Table) -> str:
    """SQL: whether everybody sees less of the row than there is."""
    there = _names(release, table)
    conditions = []
    for blank in _blanks(table):
        filled = [f"rows__.{column} is not null" for column in blank.columns if column in there]
        if filled:
            conditions.append(f"({_condition(table, blank)} and ({' or '.join(filled)}))")
    return " or ".join(conditions) or "false"
