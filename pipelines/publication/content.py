"""A release in, the published tables out: before disclosure control, which hides what may not be seen."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.publication.book import COLUMNS, FOLDER, TABLES

#: read from elsewhere than a query over the release
MADE_LATER = ("evidence", "changes")


def open_year(connection: duckdb.DuckDBPyConnection, year: str) -> None:
    """Make the temp table `published_region` that the queries of `tables/` read."""
    connection.execute((FOLDER / "published_region.sql").read_text(encoding="utf-8"), {"year": year})


def tables_of(connection: duckdb.DuckDBPyConnection, year: str) -> dict[str, pl.DataFrame]:
    """Every published table of a year, in the order of tables.yml, rows in the order of the queries.

    Money and other exact decimals become the nearest doubles, as every form shows them.
    """
    return {name: _table(connection, name, year) for name in TABLES if name not in MADE_LATER}


def _table(connection: duckdb.DuckDBPyConnection, name: str, year: str) -> pl.DataFrame:
    sql = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    frame = connection.execute(sql, {"year": year} if "$year" in sql else None).pl()
    kinds = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    return frame.with_columns(
        pl.col(column).cast(kinds.get(COLUMNS[column].kind, pl.String)) for column in frame.columns
    )
