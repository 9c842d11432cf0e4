"""The slice by each tool over the same landed rows, results compared: ten ratios of every county and above over twelve
years; a year of payments by facility, their audit, persons paid by region.

The rivals run in an environment of their own (requirements.txt): that of CARESTAT_RIVALS, else one made in the folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks.country import TINY, Country, opened, own_process, sixteenths
from benchmarks.rivals import landed
from benchmarks.rivals.sqlmesh_project import write as write_sqlmesh

TITLE = "Against what a user would pick instead"
HERE = Path(__file__).parent
RESULTS = ("indicator", "payment", "person", "audit")
SIZES = {
    "smoke": replace(TINY, ledger_months=1, ledger_rows_per_month=200),
    "district": replace(sixteenths(1), ledger_months=12, ledger_rows_per_month=50_000),
    "province": replace(sixteenths(4), ledger_months=12, ledger_rows_per_month=250_000),
}
#: what is compared, in one form for all tools: cents as whole numbers, ratios to the ninth digit
COMPARED = {
    "indicator": "indicator_key, region_code, period, numerator, denominator, round(value, 9)",
    "payment": "programme_code, facility_id, period, cast(paid_amount_yuan * 100 as bigint), entries",
    "person": "programme_code, region_code, period, persons",
    "audit": "programme_code, facility_id, period, cast(difference_yuan * 100 as bigint), finding",
}
OF_PANDAS = COMPARED | {
    "payment": "programme_code, facility_id, period, paid_cents, entries",
    "audit": "programme_code, facility_id, period, cast(difference_cents as bigint), finding",
}


def text_of(columns: str) -> dict[str, str]:
    """The codes among the columns: text, whatever a reader of CSV would make of them."""
    return {name: "VARCHAR" for name in columns.split(", ") if name in ("region_code", "facility_id", "period")}


class Rivals:
    """One country's landed rows, and each tool's run over them in a fresh process with nothing made before."""

    def __init__(self, size: str, folder: Path) -> None:
        self.folder = folder
        self.country = Country(folder.parent / "countries" / f"rivals_{size}", SIZES[size])
        self.country.prepare()
        self.rows = landed.write(self.country, folder / "landed")
        self.bin = Path(os.environ.get("CARESTAT_RIVALS") or self._environment()) / "bin"

    def _environment(self) -> Path:
        made = self.folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", made], check=True)
        install = [made / "bin" / "pip", "install", "--quiet", "-r", HERE / "requirements.txt"]
        subprocess.run(install, check=True)
        return made

    def run(self, socket: Path) -> dict[str, dict[str, float]]:
        """One round."""
        return {
            "dbt on DuckDB": self._dbt("duckdb", SLICE_DATABASE=self._fresh("dbt")),
            "SQLMesh on DuckDB": self._sqlmesh(),
            "pandas": self._pandas(),
            "dbt on PostgreSQL": self._postgres(socket),
        }

    def _fresh(self, name: str) -> str:
        path = self.folder / f"{name}.duckdb"
        landed.database(self.folder / "landed", path)
        return str(path)

    def _dbt(self, target: str, **variables: str) -> dict[str, float]:
        project = self.folder / "dbt_project"
        shutil.copytree(HERE / "dbt", project, dirs_exist_ok=True)
        folders = [
            "--project-dir",
            project,
            "--profiles-dir",
            project,
            "--target-path",
            self.folder / f"target_{target}",
        ]
        return self._timed("dbt", "run", "--quiet", "--target", target, *folders, **variables)

    def _sqlmesh(self) -> dict[str, float]:
        project = self.folder / "sqlmesh"
        shutil.rmtree(project, ignore_errors=True)
        write_sqlmesh(project, Path(self._fresh("mesh")))
        return self._timed("sqlmesh", "-p", project, "plan", "--auto-apply", "--no-prompts", HOME=str(project))

    def _pandas(self) -> dict[str, float]:
        out = self.folder / "pandas"
        out.mkdir(exist_ok=True)
        return self._timed("python", HERE / "pandas_slice.py", self.folder / "landed", out)

    def _postgres(self, socket: Path) -> dict[str, float]:
        began = time.perf_counter()
        landed.load(socket, self.folder / "landed")
        loaded = time.perf_counter() - began
        return {"load": loaded} | self._dbt("postgres", SLICE_HOST=str(socket), SLICE_DATABASE="")

    def _timed(self, program: str, *arguments: object, **variables: str) -> dict[str, float]:
        """Seconds of the whole process and its peak memory (of a server's client: the client's)."""
        return own_process("benchmarks.rivals.timed", self.bin / program, *arguments, **variables)

    def compare(self, socket: Path) -> dict[str, int]:
        """Rows of each result. Raises where two tools, or a tool and carestat's own marts, differ."""
        fetched = self.folder / "fetched"
        fetched.mkdir(exist_ok=True)
        landed.fetch(socket, fetched, RESULTS)
        rows = {}
        with duckdb.connect() as connection:
            for name in ("dbt", "mesh"):
                connection.execute(f"attach '{self.folder / name}.duckdb' as {name} (read_only)")
            for table, columns in COMPARED.items():
                csv = f"read_csv('{fetched / table}.csv', types = {text_of(columns)})"
                asked = {
                    "dbt": f"select {columns} from dbt.slice.{table}",
                    "SQLMesh": f"select {columns} from mesh.slice.{table}",
                    "PostgreSQL": f"select {columns} from {csv}",
                    "pandas": f"select {OF_PANDAS[table]} from '{self.folder / 'pandas' / table}.parquet'",
                }
                rows[table] = connection.execute(f"select count(*) from ({asked['dbt']})").fetchall()[0][0]
                for tool in list(asked)[1:]:
                    self._same(connection, asked["dbt"], asked[tool], f"{table}: dbt, {tool}")
            connection.execute(f"attach '{self.country.marts}' as carestat (read_only)")
            ours = (
                f"select {COMPARED['indicator']} from carestat.marts.indicator_value where variant = 'default' and"
                " region_level <> 'town' and indicator_key in (select indicator_key from dbt.slice.indicator)"
            )
            self._same(connection, f"select {COMPARED['indicator']} from dbt.slice.indicator", ours, "dbt, carestat")
        return rows

    @staticmethod
    def _same(connection: duckdb.DuckDBPyConnection, one: str, other: str, what: str) -> None:
        for more, less in ((one, other), (other, one)):
            left = connection.execute(f"({more}) except all ({less})").fetchmany(3)
            if left:
                raise SystemExit(f"{what}: results differ, e.g. {left}")

    def own(self) -> dict[str, Any]:
        """All of carestat's own models over the same rows, nothing kept."""
        self.country.prepare()
        (self.country.folder / "history.duckdb").unlink(missing_ok=True)
        self.country.dbt("seed")
        return self.country.dbt("run")


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Every tool in every round; results compared after the last."""
    rivals = Rivals(size, folder)
    runs, own = [], []
    with landed.postgres(folder / "server") as socket:
        for _ in range(rounds):
            runs.append(rivals.run(socket))
            own.append(rivals.own())
        equal = rivals.compare(socket)
    with opened(rivals.country.marts) as connection:
        values = connection.execute("select count(*) from marts.indicator_value").fetchall()[0][0]
    return {"rows": rivals.rows, "equal": equal, "runs": runs, "own": own, "values": values}


def table(results: dict[str, Any]) -> str:
    """Seconds, ratio to dbt on DuckDB in the same round, and memory."""
    runs = results["runs"]

    def whole(run: dict[str, float]) -> float:
        return run["seconds"] + run.get("load", 0.0)

    rows, equal = results["rows"], results["equal"]
    lines = [
        f"{rows['subsidy_ledger']:,} payments and {sum(rows.values()):,} landed rows in all give {equal['indicator']:,}"
        f" ratios, {equal['payment']:,} payments by facility and month, {equal['audit']:,} verdicts and"
        f" {equal['person']:,} counts of persons; all tools give the same, and the ratios are those of carestat's"
        " marts. Whole processes, start to end.",
        "",
        "| the slice by | seconds | of that, loading | ÷ dbt on DuckDB | peak GiB |",
        "|---|---:|---:|---:|---:|",
    ]
    for tool in runs[0]:
        ratio = median(whole(run[tool]) / whole(run["dbt on DuckDB"]) for run in runs)
        load = median(run[tool].get("load", 0.0) for run in runs)
        peak = median(run[tool]["peak_mb"] for run in runs) / 1024
        loading = f"{load:.1f}" if load else ""
        lines.append(
            f"| {tool} | {median(whole(run[tool]) for run in runs):.1f} | {loading} | {ratio:.2f} |"
            f" {peak:.2f}{' (client)' if load else ''} |"
        )
    seconds = median(run["seconds"] for run in results["own"])
    lines += [
        "",
        "- For comparison, not the same work: all of carestat's own models over the same deliveries,"
        f" {results['values']:,} values of all indicators and the whole audit, {seconds:.0f} s,"
        f" {median(run['peak_mb'] for run in results['own']) / 1024:.2f} GiB.",
        "- Only carestat's own run has provenance to the row, missing told from zero, and kept months.",
    ]
    return "\n".join(lines) + "\n"
