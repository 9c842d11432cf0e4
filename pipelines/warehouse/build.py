"""The build file of one run: landed Parquet in force comes in as views, everything else is made by the models."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import duckdb
import polars as pl

from pipelines.database import literal, opened

#: columns of kept.state, here and in the history (dbt_project/macros/kept.sql)
STATE = "node varchar, made_of varchar, content varchar, is_changed boolean"


class Build:
    """The folder of one run, `var/warehouse/build/<run>/`.

    `marts.duckdb` becomes the released file (same base name: DuckDB names a catalogue after its file);
    `work.duckdb` holds what only the build needs; `landed/` and `ops/` carry results from step to step.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marts = folder / "marts.duckdb"
        self.work = folder / "work.duckdb"
        self.ops = folder / "ops"
        self.spill = folder / "spill"

    def start(self) -> None:
        """Begin empty; what a crashed run of the same name left is cleared."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.ops.mkdir(parents=True)
        self.folder.parent.chmod(0o700)
        (self.folder / "landed").mkdir()

    def record(self, part: str, tables: dict[str, pl.DataFrame | list[Path]]) -> None:
        """Keep the ops rows that one part of the run gave: as a frame, or as files that stay where they are."""
        for name, rows in tables.items():
            if isinstance(rows, pl.DataFrame):
                rows.write_parquet(self.ops / f"{name}.{part}.parquet")
                continue
            for number, file in enumerate(rows):
                os.symlink(file, self.ops / f"{name}.{part}.{number:06}.parquet")

    def has_recorded(self) -> bool:
        """Whether any step of the run has left something to tell."""
        return any(self.ops.glob("*.parquet"))

    def record_landed(self, source: str, files: list[Path]) -> None:
        """Keep which Parquet files of a source are in force."""
        (self.folder / "landed" / f"{source}.json").write_text(json.dumps([str(path) for path in files]))

    def ops_files(self, table: str) -> list[Path]:
        """The files of one ops table, all sources together."""
        return sorted(self.ops.glob(f"{table}.*.parquet"))

    def ops_frame(self, table: str) -> pl.DataFrame:
        """One ops table of this run so far, all sources together, in a fixed order."""
        parts = [pl.read_parquet(path) for path in self.ops_files(table)]
        if not parts:
            return pl.DataFrame()
        frame = pl.concat(parts, how="diagonal_relaxed")
        return frame.sort(
            [c for c in ("source", "path", "row_number", "check") if c in frame.columns], maintain_order=True
        )

    def open_landing(self, empty: dict[str, pl.DataFrame]) -> int:
        """Make schema `landing` in the work file: a view per source over its files, and the table of deliveries.

        Sources without any file get an empty table of the contract's columns. Returns the number of sources.
        """
        connection = opened(self.spill, self.work, read_only=False)
        try:
            connection.execute("create schema landing; create schema if not exists kept")
            connection.execute(f"create table if not exists kept.state ({STATE})")
            connection.execute("delete from kept.state where node like 'source.%'")
            listed = sorted((self.folder / "landed").glob("*.json"))
            for path in listed:
                source, files = path.stem, json.loads(path.read_text())
                if files:
                    names = ", ".join(literal(Path(name)) for name in files)
                    connection.execute(f"create view landing.{source} as select * from read_parquet([{names}])")
                else:
                    connection.register("nothing", empty[source].to_arrow())
                    connection.execute(f"create table landing.{source} as select * from nothing")
                    connection.unregister("nothing")
                _tell_content(connection, source, hashlib.sha256(json.dumps(files).encode()).hexdigest())
            connection.register("months", self._landed_months().to_arrow())
            connection.execute("create table landing.landed_month as select * from months order by all")
            connection.register("deliveries", self._deliveries().to_arrow())
            connection.execute("create table landing.delivery as select * from deliveries order by source, path")
            for table in ("landed_month", "delivery"):
                rows = f"select sum(cast(hash(*columns(*)) as hugeint)) || ' ' || count(*) from landing.{table}"
                _tell_content(connection, table, connection.execute(rows).fetchone()[0])
            return len(listed)
        finally:
            connection.close()

    def _landed_months(self) -> pl.DataFrame:
        """Source × delivery period → digest of what decides its rows: the landed files in force, whose names follow
        from all that was read for them; the register of regions; and the years delivered, be it without a row, up to
        which regions are told (the model delivered_year)."""
        named: dict[tuple[str, str], list[str]] = {}
        for path in sorted((self.folder / "landed").glob("*.json")):
            for file in map(Path, json.loads(path.read_text())):
                named.setdefault((path.stem, file.parent.name), []).append(file.name)
        regions = [files for (source, _), files in named.items() if source == "regions"]
        delivered = self.ops_frame("delivery").filter(pl.col("standing") & (pl.col("source") != "regions"))
        years = delivered["period"].str.head(4).unique().sort().to_list()
        rows = [
            (source, period, hashlib.sha256(json.dumps([sorted(files), regions, years]).encode()).hexdigest()[:16])
            for (source, period), files in named.items()
        ]
        schema = dict.fromkeys(("register", "delivery_period", "digest"), pl.String)
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _deliveries(self) -> pl.DataFrame:
        """The deliveries, each with how many of its rows were refused."""
        deliveries, counts = self.ops_frame("delivery"), self.ops_frame("reconciliation")
        refused = counts.select("path", pl.col("quarantined").alias("refused_rows"))
        return deliveries.join(refused, on="path", how="left", maintain_order="left")

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _tell_content(connection: duckdb.DuckDBPyConnection, table: str, content: str) -> None:
    """What a landed table holds, for the models that read it."""
    node = f"source.carestat.landing.{table}"
    connection.execute("insert into kept.state values (?, '', ?, false)", [node, content])
