"""The floor of the subsidy models: the same result in DuckDB SQL written by hand, and the comparison of the two.

usage: ledger_floor.py LANDING DATABASE [MONTHS]: builds DATABASE, prints seconds, seconds a step and peak memory as
JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_suffix(".sql")


def landed_files(landing: Path, source: str, months: int | None = None) -> list[str]:
    """The landed files of a source, of the first so many months."""
    return [str(path) for path in sorted((landing / "landed" / source).glob("*/*.parquet"))][:months]


def build(landing: Path, database: Path, months: int | None = None) -> dict[str, float]:
    """Make every table of the SQL anew; seconds by table."""
    database.unlink(missing_ok=True)
    connection = duckdb.connect(str(database))
    taken: dict[str, float] = {}
    try:
        for name, source in (
            ("ledger", "subsidy_ledger"),
            ("elderly_facilities", "elderly_facilities"),
            ("childcare_facilities", "childcare_facilities"),
            ("regions", "regions"),
        ):
            files = landed_files(landing, source, None if source == "regions" else months)
            connection.execute(f"create view {name} as select * from read_parquet({files})")
        for statement in connection.extract_statements(SQL.read_text(encoding="utf-8")):
            began = time.perf_counter()
            connection.execute(statement)
            words = statement.query.split()
            taken[words[words.index("table") + 1]] = time.perf_counter() - began
    finally:
        connection.close()
    return taken


if __name__ == "__main__":
    landing, database, *months = sys.argv[1:]
    began = time.perf_counter()
    steps = build(Path(landing), Path(database), int(months[0]) if months else None)
    seconds = time.perf_counter() - began
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps({"seconds": seconds, "steps": steps, "peak_mb": int(peak.split()[1]) // 1024}))
