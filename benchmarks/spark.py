"""The subsidy models over a year of the ledger on Apache Spark beside DuckDB, from the same landed files, results
compared cell by cell.

Spark runs in an environment of its own: that of CARESTAT_SPARK_PYTHON, else .venv-spark (`make .venv-spark/ready`).
Where it or Java lacks, nothing is measured and the table says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ledger_bench import Bench, Deliveries
from pipelines.settings import PROJECT
from pipelines.spark.equality import compare, keys_of
from pipelines.spark.models import SparkFolder
from pipelines.warehouse.dbt_process import QUIET

TITLE = "What Apache Spark costs on one machine"
#: months, payments a month
SIZES = {"smoke": (1, 1_000), "district": (6, 100_000), "province": (12, 1_666_667)}
DUCKDB_MEMORY, JAVA_MEMORY = "4GB", "6g"
PYTHON = Path(os.environ.get("CARESTAT_SPARK_PYTHON", PROJECT / ".venv-spark" / "bin" / "python"))


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Both engines so many times, nothing kept. Raises SystemExit where a cell differs."""
    if not PYTHON.exists() or not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return {"lacking": f"Java 17 and {PYTHON}"}
    months, rows = SIZES[size]
    bench = Bench(folder, rows, {"CARESTAT_DUCKDB_MEMORY": DUCKDB_MEMORY, "CARESTAT_SPILL": str(folder / "spill")})
    bench.make(months)
    taken: dict[str, list[dict[str, Any]]] = {"DuckDB": [], "Spark": []}
    for _ in range(rounds):
        bench.begin()
        taken["DuckDB"].append(bench.night(Deliveries(months)))
        made = SparkFolder(folder / "spark")
        made.start()
        taken["Spark"].append(_on_spark(bench, made))
        equality = _compare(bench, made)
    return {"months": months, "rows": bench.rows(Deliveries(months)), "taken": taken, "equality": equality}


def _on_spark(bench: Bench, made: SparkFolder) -> dict[str, Any]:
    places = (bench.current, bench.project, made.folder, JAVA_MEMORY)
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.one_spark_build", *places],
        cwd=PROJECT, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"benchmarks.one_spark_build: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _compare(bench: Bench, made: SparkFolder) -> dict[str, int]:
    found = compare(bench.current / "marts.duckdb", made.tables, keys_of(made.manifest))
    if unlike := [one for one in found if not one.holds]:
        raise SystemExit(f"not the same on both engines: {unlike}")
    return {
        "tables": len(found),
        "rows": sum(one.rows for one in found),
        "cells": sum(one.rows * one.columns for one in found),
        "last_digits": sum(one.last_digits for one in found),
    }


def table(results: dict[str, Any]) -> str:
    """Markdown: medians, the ratio of the same round, what was equal."""
    if "lacking" in results:
        return f"Not measured: it needs {results['lacking']} (`make .venv-spark/ready`)."
    taken, equal = results["taken"], results["equality"]

    def line(words: str, what: str, unit: float = 1) -> str:
        here, there = ([run[what] / unit for run in taken[engine]] for engine in ("DuckDB", "Spark"))
        ratio = median(spark / duckdb for duckdb, spark in zip(here, there, strict=True))
        return f"| {words} | {median(here):.1f} | {median(there):.1f} | {ratio:.1f} |"

    steps = [run["steps"] for run in taken["Spark"]]
    slowest = sorted(((median(step[name] for step in steps), name) for name in steps[0]), reverse=True)[:12]
    return "\n".join(
        [
            f"{results['rows']:,} payments of {results['months']} months; Spark with `local[2]` and a heap of"
            f" {JAVA_MEMORY}, DuckDB with a `memory_limit` of {DUCKDB_MEMORY}.",
            "",
            "| | DuckDB | Spark | ratio |",
            "|---|---:|---:|---:|",
            line("subsidy models, seconds", "models"),
            line("peak memory, GiB", "peak_mb", 1024),
            "",
            f"- Compared cell by cell: {equal['tables']} tables, {equal['rows']:,} rows, {equal['cells']:,} cells,"
            f" none unlike; {equal['last_digits']} doubles differ in their last digits.",
            f"- Spark's session, the seeds and what the subsidy models read, not in these seconds:"
            f" {median(run['seconds'] - run['models'] for run in taken['Spark']):.0f} s.",
            "- Seconds on Spark: " + ", ".join(f"{name} {seconds:.1f}" for seconds, name in slowest) + ".",
        ]
    )
