"""The floor of the subsidy models: the same result in DuckDB SQL written by hand.

usage: ledger_floor.py FILES DATABASE: builds DATABASE from the landed Parquet that FILES, a JSON object, names by
source; prints seconds, seconds a step and peak memory as JSON. CARESTAT_DUCKDB_MEMORY and CARESTAT_SPILL bound it as
they bound a night.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_suffix(".sql")
VIEWS = {"subsidy_ledger": "ledger"}


def bounded(database: str) -> duckdb.DuckDBPyConnection:
    """A database under the bounds of a night."""
    limits = {"memory_limit": "CARESTAT_DUCKDB_MEMORY", "temp_directory": "CARESTAT_SPILL"}
    return duckdb.connect(
        database, config={name: os.environ[said] for name, said in limits.items() if said in os.environ}
    )


def build(files: dict[str, list[str]], database: Path) -> dict[str, float]:
    """Make every table of the SQL anew; seconds by table."""
    database.unlink(missing_ok=True)
    connection = bounded(str(database))
    taken: dict[str, float] = {}
    try:
        for source, paths in files.items():
            connection.execute(f"create view {VIEWS.get(source, source)} as select * from read_parquet({paths})")
        for statement in connection.extract_statements(SQL.read_text(encoding="utf-8")):
            began = time.perf_counter()
            connection.execute(statement)
            words = statement.query.split()
            taken[words[words.index("table") + 1]] = time.perf_counter() - began
    finally:
        connection.close()
    return taken


if __name__ == "__main__":
    told, database = sys.argv[1:]
    began = time.perf_counter()
    steps = build(json.loads(Path(told).read_text(encoding="utf-8")), Path(database))
    seconds = time.perf_counter() - began
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps({"seconds": seconds, "steps": steps, "peak_mb": int(peak.split()[1]) // 1024}))
