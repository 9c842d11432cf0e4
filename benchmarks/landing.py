"""`python -m benchmarks.landing [ROUNDS]`: what landing costs beside the bare reading of the same file.

Writes RESULTS-landing.md. Needs some 6 GB of disk and twelve minutes on two quiet cores; the deliveries are made in a
temporary folder.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks.deliveries import installation, write_csv, write_workbook
from pipelines.settings import PROJECT

ROWS, SHEET_ROWS = 5_000_000, 200_000
TWO_GB = 2_000_000_000
OFFSET = 32_000_000
RESULTS = Path(__file__).parent / "RESULTS-landing.md"


class Bench:
    """Deliveries in one folder, and measurements in fresh processes, side by side."""

    def __init__(self, home: Path, rounds: int) -> None:
        self.home, self.rounds = home, rounds
        self.utf8, self.gb18030, self.sheet = home / "utf8.csv", home / "gb18030.csv", home / "sheet.xlsx"
        write_csv(self.utf8, ROWS)
        write_csv(self.gb18030, ROWS, "gb18030")
        write_workbook(self.sheet, SHEET_ROWS)

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


def main(rounds: int) -> None:
    """Measure everything in turn, `rounds` times, and write the medians down."""
    load = os.getloadavg()[0]
    with TemporaryDirectory(prefix="carestat-bench-") as home:
        bench = Bench(Path(home), rounds)
        taken: dict[str, list[dict[str, float]]] = {}
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            for name, work, delivered in (
                ("floor", bench.sink, bench.utf8),
                ("utf8", bench.land, bench.utf8),
                ("gb18030", bench.land, bench.gb18030),
                ("calamine", bench.calamine, bench.sheet),
                ("sheet", bench.land, bench.sheet),
            ):
                taken.setdefault(name, []).append(work(delivered))
        twins = bench.landed(bench.utf8).equals(bench.landed(bench.gb18030))
        across = multibyte_offsets(bench.gb18030)
        sizes = {path.stem: path.stat().st_size for path in (bench.utf8, bench.gb18030, bench.sheet)}
        large = Path(home) / "large.csv"
        write_csv(large, int(ROWS * TWO_GB / sizes["utf8"]))
        peak = bench.land(large) | {"bytes": large.stat().st_size}
    RESULTS.write_text(_report(taken, sizes, twins, across, peak, rounds, load), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


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


def _report(
    taken: dict[str, list[dict[str, float]]],
    sizes: dict[str, int],
    twins: bool,
    across: int,
    peak: dict[str, float],
    rounds: int,
    load: float,
) -> str:
    def seconds(name: str) -> float:
        return statistics.median(run["seconds"] for run in taken[name])

    def ratio(name: str, floor: str) -> float:
        pairs = zip(taken[name], taken[floor], strict=True)
        return statistics.median(ours["seconds"] / bare["seconds"] for ours, bare in pairs)

    def row(what: str, name: str, beside: str, floor: str, target: str) -> str:
        taken_by = f"{seconds(name):.1f} | {beside} | {seconds(floor):.1f}"
        return f"| {what} | {taken_by} | {ratio(name, floor):.2f} | ≤ {target} |"

    utf8, gb18030 = (f"{sizes[name] / 1e6:.0f} MB" for name in ("utf8", "gb18030"))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# What landing costs",
        "",
        f"`make bench-landing`, {datetime.now(UTC):%Y-%m-%d}, {machine}; medians of {rounds} rounds, each in a fresh"
        f" process, imports not counted. Load average when it began: {load:.1f}.",
        "",
        "| landing, with the contract checked | seconds | beside | seconds | ratio | target |",
        "|---|---:|---|---:|---:|---:|",
        row(f"CSV, {ROWS:,} rows, {utf8}", "utf8", "polars `sink_parquet` of the same file", "floor", "2.5"),
        row(f"the same in GB18030, {gb18030}", "gb18030", "landing of the twin in UTF-8", "utf8", "3.5"),
        row(f"XLSX, {SHEET_ROWS:,} rows", "sheet", "calamine's reading of the same sheet", "calamine", "2"),
        "",
        f"- The GB18030 file and its UTF-8 twin land {'cell-identical' if twins else 'DIFFERENTLY'};"
        f" {across} of its multiples of 32,000,000 bytes lie within a multi-byte character.",
        f"- A CSV of {peak['bytes'] / 1e9:.2f} GB: peak memory {peak['peak_mb'] / 1024:.2f} GiB (target ≤ 3), "
        f"{peak['rows']:,} rows landed in {peak['seconds']:.0f} s, CARESTAT_MEMORY_MB as it is by default.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 3)
