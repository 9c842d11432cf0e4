"""What landing costs beside the bare reading of the same file. Needs some 6 GB of disk and twelve minutes on two quiet
cores; the deliveries are made in the measurement's folder.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.deliveries import installation, write_csv, write_workbook
from pipelines.settings import PROJECT

TITLE = "What landing costs"
#: rows of the CSV and of the workbook, bytes of the large CSV
SIZES = {
    "smoke": (2_000, 200, 400_000),
    "district": (500_000, 20_000, 200_000_000),
    "province": (5_000_000, 200_000, 2_000_000_000),
}
OFFSET = 32_000_000


class Bench:
    """Deliveries in one folder, and measurements in fresh processes, side by side."""

    def __init__(self, home: Path, rows: int, sheet_rows: int) -> None:
        self.home = home
        self.utf8, self.gb18030, self.sheet = home / "utf8.csv", home / "gb18030.csv", home / "sheet.xlsx"
        write_csv(self.utf8, rows)
        write_csv(self.gb18030, rows, "gb18030")
        write_workbook(self.sheet, sheet_rows)

    def land(self, delivered: Path) -> dict[str, float]:
        """Landing of one file into an empty var/."""
        folder = self.home / delivered.stem
        raw = installation(folder, delivered)
        return self._measured("land", raw, folder / "var")

    def sink(self, delivered: Path) -> dict[str, float]:
        return self._measured("sink", delivered, self.home / "sink.parquet")

    def calamine(self, delivered: Path) -> dict[str, float]:
        return self._measured("calamine", delivered)

    def _measured(self, *arguments: object) -> dict[str, float]:
        key = self.home / "key"
        if not key.exists():
            key.write_bytes(os.urandom(32))
            key.chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.one_landing", *map(str, arguments)],
            cwd=PROJECT,
            env={**os.environ, "CARESTAT_KEY_FILE": str(key)},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def landed(self, delivered: Path) -> pl.DataFrame:
        """What `land` of this file gave, without where it came from."""
        parts = sorted((self.home / delivered.stem / "var" / "landing" / "landed").glob("fund_ledger/*/*.parquet"))
        frame = pl.concat([pl.read_parquet(part) for part in parts if "finding" not in part.name])
        return frame.drop("delivery_path").sort("delivery_row")


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Everything in turn, in every round. Raises where a file and its twin in another encoding land differently."""
    rows, sheet_rows, large_bytes = SIZES[size]
    bench = Bench(folder, rows, sheet_rows)
    taken: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for name, work, delivered in (
            ("floor", bench.sink, bench.utf8),
            ("utf8", bench.land, bench.utf8),
            ("gb18030", bench.land, bench.gb18030),
            ("calamine", bench.calamine, bench.sheet),
            ("sheet", bench.land, bench.sheet),
        ):
            taken.setdefault(name, []).append(work(delivered))
    if not bench.landed(bench.utf8).equals(bench.landed(bench.gb18030)):
        raise SystemExit("the GB18030 file and its UTF-8 twin have landed differently")
    sizes = {path.stem: path.stat().st_size for path in (bench.utf8, bench.gb18030, bench.sheet)}
    large = folder / "large.csv"
    write_csv(large, int(rows * large_bytes / sizes["utf8"]))
    return {
        "rows": rows,
        "sheet_rows": sheet_rows,
        "taken": taken,
        "bytes": sizes,
        "across": multibyte_offsets(bench.gb18030),
        "large": bench.land(large) | {"bytes": large.stat().st_size},
    }


def multibyte_offsets(path: Path) -> int:
    """How many multiples of 32,000,000 bytes lie within a multi-byte character of a GB18030 file."""
    found = 0
    with path.open("rb") as content:
        for offset in range(OFFSET, path.stat().st_size, OFFSET):
            content.seek(offset - 400)
            before = content.read(400)
            line = before[before.rfind(b"\n") + 1 :]
            try:
                line.decode("gb18030")
            except UnicodeDecodeError:
                found += 1
    return found


def table(results: dict[str, Any]) -> str:
    """Each way of landing beside the reading that it is compared with."""
    taken, large = results["taken"], results["large"]

    def seconds(name: str) -> float:
        return statistics.median(run["seconds"] for run in taken[name])

    def ratio(name: str, floor: str) -> float:
        pairs = zip(taken[name], taken[floor], strict=True)
        return statistics.median(ours["seconds"] / bare["seconds"] for ours, bare in pairs)

    def row(what: str, name: str, beside: str, floor: str, target: str) -> str:
        taken_by = f"{seconds(name):.1f} | {beside} | {seconds(floor):.1f}"
        return f"| {what} | {taken_by} | {ratio(name, floor):.2f} | ≤ {target} |"

    utf8, gb18030 = (f"{results['bytes'][name] / 1e6:.0f} MB" for name in ("utf8", "gb18030"))
    lines = [
        "Each in a fresh process, imports not counted.",
        "",
        "| landing, with the contract checked | seconds | beside | seconds | ratio | target |",
        "|---|---:|---|---:|---:|---:|",
        row(f"CSV, {results['rows']:,} rows, {utf8}", "utf8", "polars `sink_parquet` of the same file", "floor", "2.5"),
        row(f"the same in GB18030, {gb18030}", "gb18030", "landing of the twin in UTF-8", "utf8", "3.5"),
        row(f"XLSX, {results['sheet_rows']:,} rows", "sheet", "calamine's reading of the same sheet", "calamine", "2"),
        "",
        f"- The GB18030 file and its UTF-8 twin land cell-identical; {results['across']} of its multiples of 32,000,000"
        " bytes lie within a multi-byte character.",
        f"- A CSV of {large['bytes'] / 1e9:.2f} GB: peak memory {large['peak_mb'] / 1024:.2f} GiB (target ≤ 3), "
        f"{large['rows']:,} rows landed in {large['seconds']:.0f} s, CARESTAT_MEMORY as it is by default.",
    ]
    return "\n".join(lines) + "\n"
