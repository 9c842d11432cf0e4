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
    question = _Question(release, table)
    told = [f"{question.masked(column.name)} as {column.name}" for column in columns_of(release, table)]
    return _batches(
        release,
        f"select {', '.join(told)}, {question.region} as {REGION}, {question.is_held} as {HELD}"
        f" from {question.source} where not ({question.is_left_out})",
    )


def held_rows(release: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pl.DataFrame]:
    """The true rows of which something is blanked or that are left out; REGION as above."""
    question = _Question(release, table)
    return _batches(
        release,
        f"select rows__.*, {question.region} as {REGION}"
        f" from {question.source} where {question.is_left_out} or {question.is_held}",
    )


def _batches(release: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pl.DataFrame]:
    for batch in release.execute(sql).to_arrow_reader(BATCH):
        yield pl.from_arrow(batch)


class _Question:
    """SQL about one table: each of its blanks is one join with the few keys that are hidden, and one condition."""

    def __init__(self, release: duckdb.DuckDBPyConnection, table: Table) -> None:
        self._table = table
        self._names = {column.name for column in columns_of(release, table)}
        self._joins: list[str] = []
        self._conditions = [self._condition(blank) for blank in table.protection.blank]

    @property
    def source(self) -> str:
        return " ".join([f"{self._table.full_name} as rows__", *self._joins])

    @property
    def region(self) -> str:
        """A row without a region is nobody's own."""
        region = self._table.protection.region
        if region in self._names:
            return f"rows__.{region}"
        return self._table.constants.get("region_code", "cast(null as varchar)")

    @property
    def is_left_out(self) -> str:
        """Whether the row is served to nobody but its own region."""
        if self._table.protection.rows != "all":
            return "true"
        return " or ".join(condition for blank, condition in self._blanks() if not blank.columns) or "false"

    @property
    def is_held(self) -> str:
        """Whether everybody sees less of the row than there is."""
        found = []
        for blank, condition in self._blanks():
            filled = [f"rows__.{column} is not null" for column in blank.columns if column in self._names]
            if filled:
                found.append(f"({condition} and ({' or '.join(filled)}))")
        return " or ".join(found) or "false"

    def masked(self, column: str) -> str:
        """The column as everybody sees it."""
        sql = f"rows__.{column}"
        for blank, condition in self._blanks():
            mark = MARK[blank.mark].get(column)
            if column in blank.columns:
                sql = f"case when {condition} then null else {sql} end"
            elif mark is not None:
                sql = f"case when {condition} then '{mark}' else {sql} end"
        return sql

    def _blanks(self) -> Iterator[tuple[Blank, str]]:
        return zip(self._table.protection.blank, self._conditions, strict=True)

    def _condition(self, blank: Blank) -> str:
        """Whether the row is one of those that `blank.by` speaks of."""
        if blank.by == "always":
            return "true"
        if blank.by == "small":
            each = " or ".join(f"bool_or({is_small(column)})" for column in blank.columns)
            return f"(select coalesce({each}, false) from {self._table.full_name})"
        found = self._join(blank.by, blank.on)
        if not blank.on:
            return found
        # where regions have merged the figure has no published key: what is made of persons is then hidden
        missing = " or ".join(f"rows__.{name} is null" for name in blank.on.values())
        return f"({found} or ({missing}) and {self._join('personal', {})})"

    def _join(self, by: str, on: dict[str, str]) -> str:
        alias = f"hidden_{len(self._joins)}"
        told = {key: self._table.constants.get(key) or f"rows__.{on.get(key, key)}" for key in BY[by]}
        same = " and ".join(f"{alias}.{key} = {column}" for key, column in told.items())
        self._joins.append(f"left join hidden_{by} as {alias} on {same}")
        return f"{alias}.{BY[by][0]} is not null"
