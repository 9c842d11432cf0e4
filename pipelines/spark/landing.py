"""Schema `landing` in a Spark session: the same Parquet files in force that a night's DuckDB reads, table by table.

Files are linked, not copied, into one folder per source with a folder per delivery period: a partitioned table, so that
a month asked for by its literal is the only one read. Spark has no views over a list of files.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PERIOD = "delivery_period"


def register(spark: SparkSession, build: Path, folder: Path) -> int:
    """Make schema `landing` of what a build folder holds as landed, with links in `folder`; the number of sources.

    `build` is a night's build folder after Build.open_landing: landed/<source>.json names the files in force,
    work.duckdb holds landing.delivery and landing.landed_month, and an empty table for a source without files.
    """
    spark.sql("create database if not exists landing")
    listed = sorted((build / "landed").glob("*.json"))
    small = ["delivery", "landed_month"]
    for path in listed:
        files = [Path(name) for name in json.loads(path.read_text())]
        if files:
            _partitioned(spark, path.stem, files, folder / path.stem)
        else:
            small.append(path.stem)
    with duckdb.connect(str(build / "work.duckdb"), read_only=True) as connection:
        for name in small:
            file = folder / name / "all.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy landing.{name} to '{_quoted(file)}' (format parquet)")
            spark.sql(f"create table landing.{name} using parquet location '{_quoted(file.parent)}'")
    return len(listed)


def landed_bytes(build: Path) -> int:
    """Size of the files in force."""
    return sum(
        Path(file).stat().st_size for path in (build / "landed").glob("*.json") for file in json.loads(path.read_text())
    )


def _partitioned(spark: SparkSession, source: str, files: list[Path], folder: Path) -> None:
    """A table over the files of one source, partitioned by the period that each file's folder is named for."""
    for file in files:
        link = folder / f"{PERIOD}={file.parent.name}" / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(file.resolve(), link)
    fields = spark.read.parquet(str(files[0])).schema.fields
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in fields)
    spark.sql(
        f"create table landing.{source} ({columns}) using parquet partitioned by ({PERIOD})"
        f" location '{_quoted(folder)}'"
    )
    spark.sql(f"alter table landing.{source} recover partitions")


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")
