"""A statistician's ten typical queries on the marts of an invented nation, from the released file and from its Parquet:
worked ones of docs/sql.md, word for word but for a county."""

from __future__ import annotations

import hashlib
import json
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.country import opened, own_process
from benchmarks.indicators import build, countries
from pipelines.settings import PROJECT

TITLE = "What a query costs"
PAGE = PROJECT / "docs" / "sql.md"
SECTION = re.compile(r"^### (\d+) ([^\n]+)\n(.*?)^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: rank, series, sum over sum, gaps, today's regions, population, facilities, small counts, wide table, growth
ASKED = (2, 3, 4, 5, 9, 10, 11, 18, 19, 20)
#: a county of the page that the invented nation does not have, and one that it has
INSTEAD = ("520581", "500113")
TARGET_MS = 100
REPEATED = 5


def worked_queries() -> dict[int, tuple[str, str]]:
    """Number on the page → (title, SQL) of the ten."""
    page = PAGE.read_text(encoding="utf-8").replace(*INSTEAD)
    found = {int(number): (title, sql) for number, title, _, sql in SECTION.findall(page)}
    return {number: found[number] for number in ASKED}


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Every query on the largest country's marts, file and Parquet, in fresh processes in every round."""
    from pipelines.warehouse.export import export_parquet

    *_, country = countries(size, folder).values()
    if not country.marts.exists():
        build(country)
    parquet = folder / "parquet"
    export_parquet(country.marts, parquet)
    runs = {"file": [], "parquet": []}
    for _ in range(rounds):
        runs["file"].append(own_process("benchmarks.queries", "file", country.marts))
        runs["parquet"].append(own_process("benchmarks.queries", "parquet", parquet))
    different = [number for number in map(str, ASKED)
                 if runs["file"][0][number]["answer"] != runs["parquet"][0][number]["answer"]]  # fmt: skip
    if different:
        raise SystemExit(f"file and Parquet answer differently: {different}")
    with opened(country.marts) as connection:
        values = connection.execute("select count(*) from marts.indicator_value").fetchall()[0][0]
    sizes = {"file": country.marts.stat().st_size, "parquet": sum(p.stat().st_size for p in parquet.rglob("*.parquet"))}
    return {"values": values, "bytes": sizes, "runs": runs}


def ask(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Milliseconds of each query, the first time and then again, and a digest of its rows."""
    for number, (_, sql) in worked_queries().items():
        taken = []
        for _ in range(1 + REPEATED):
            began = time.perf_counter()
            rows = connection.execute(sql).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
        yield (
            str(number),
            {"first": taken[0], "again": taken[1:], "rows": len(rows), "answer": digest(rows)},
        )


def digest(rows: list[tuple[Any, ...]]) -> str:
    """Of the rows, in whatever order."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


@contextmanager
def opened_parquet(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Views of the names that the file has over the released Parquet."""
    with duckdb.connect() as connection:
        for path in sorted(folder.glob("*/*")):
            connection.execute(f"create schema if not exists {path.parent.name}")
            files = path / "*.parquet" if path.is_dir() else path
            connection.execute(f"create view {path.parent.name}.{path.stem} as from read_parquet('{files}')")
        yield connection


def table(results: dict[str, Any]) -> str:
    """Medians of all repetitions, file beside Parquet."""

    def again(where: str, number: str) -> float:
        return statistics.median(taken for run in results["runs"][where] for taken in run[number]["again"])

    def first(where: str, number: str) -> float:
        return statistics.median(run[number]["first"] for run in results["runs"][where])

    lines = [
        f"{results['values']:,} indicator values; the file has {results['bytes']['file'] / 1e9:.2f} GB, its Parquet"
        f" {results['bytes']['parquet'] / 1e9:.2f} GB. Milliseconds, medians of {REPEATED} repetitions a round;"
        " first: of a process that has read nothing yet.",
        "",
        "| [worked query](../docs/sql.md) | rows | file | target | file, first | Parquet | Parquet ÷ file |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    slow = []
    for number, (title, _) in worked_queries().items():
        key = str(number)
        file, parquet = again("file", key), again("parquet", key)
        slow += [key] if file > TARGET_MS else []
        lines.append(
            f"| {number} {title} | {results['runs']['file'][0][key]['rows']} | {file:.0f} | ≤ {TARGET_MS} |"
            f" {first('file', key):.0f} | {parquet:.0f} | {parquet / file:.1f} |"
        )
    lines += ["", f"- Over the target: {', '.join(slow) if slow else 'none'}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    door = {"file": opened, "parquet": opened_parquet}[sys.argv[1]]
    with door(Path(sys.argv[2])) as connection:
        connection.execute("set threads = 2")
        print(json.dumps(dict(ask(connection))))
