"""The subsidy models on Apache Spark over a build folder of the ledger's nights, in a process of Spark's environment:
prints seconds, seconds by model and peak memory of the Java process as JSON, as one_build.py does for DuckDB.

usage: one_spark_build.py BUILD PROJECT FOLDER MEMORY; what the subsidy models read is made first and not in `models`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from benchmarks.ledger_bench import MARTS
from pipelines.spark.landing import landed_bytes, register
from pipelines.spark.models import SparkFolder
from pipelines.spark.session import session

CORES = 2


def main(build: Path, project: str, made: SparkFolder, memory: str) -> dict[str, object]:
    spark = session(made.tables, landed_bytes(build), CORES, memory)
    register(spark, build, made.landing)
    os.environ["CARESTAT_SPARK_THREADS"] = str(CORES)
    began = time.perf_counter()
    _dbt(project, made, "build", "--select", *(f"+{mart}" for mart in MARTS), "--exclude", "path:models/subsidies",
         *MARTS, "resource_type:test", "resource_type:unit_test")  # fmt: skip
    before = time.perf_counter() - began
    _dbt(project, made, "run", "--select", *MARTS, *(f"+{mart},path:models/subsidies" for mart in MARTS))
    results = json.loads((made.target / "run_results.json").read_text(encoding="utf-8"))["results"]
    spans = [(part["started_at"], part["completed_at"]) for result in results for part in result["timing"]]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    java = Path(f"/proc/{spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()}/status")
    [peak] = [line for line in java.read_text().splitlines() if line.startswith("VmHWM")]
    return {
        "models": (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds(),
        "before": before,
        "steps": {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results},
        "peak_mb": int(peak.split()[1]) // 1024,
    }


def _dbt(project: str, made: SparkFolder, *arguments: str) -> None:
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(made.target)]
    folders += ["--log-path", str(made.target), "--target", "spark", "--quiet"]
    done = dbtRunner().invoke([*arguments, *folders])
    if not done.success:
        raise SystemExit(f"dbt {' '.join(arguments)}: {done.exception or f'see {made.target}/dbt.log'}")


if __name__ == "__main__":
    began = time.perf_counter()
    told = main(Path(sys.argv[1]), sys.argv[2], SparkFolder(Path(sys.argv[3])), sys.argv[4])
    print(json.dumps(told | {"seconds": time.perf_counter() - began}))
