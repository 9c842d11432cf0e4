"""`python -m benchmarks.publication VAR [ROUNDS]`: a released year's publication over a sixteenth, a quarter and all
of its regions. Writes RESULTS-publication.md. VAR holds a release of the shipped deliveries.
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

from pipelines.settings import PROJECT

YEAR = "2025"
SIZES = (1, 4, 16)
RESULTS = Path(__file__).parent / "RESULTS-publication.md"


def main(var: Path, rounds: int) -> None:
    """Publish each size `rounds` times, in turn, and write the medians down."""
    load = os.getloadavg()[0]
    taken: dict[int, list[dict[str, float]]] = {size: [] for size in SIZES}
    for number in range(rounds):
        for size in SIZES:
            with TemporaryDirectory(prefix="carestat-bench-") as folder:
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.one_publication", str(var), folder, YEAR, str(size)],
                    cwd=PROJECT,
                    capture_output=True,
                    text=True,
                    check=True,
                )
            taken[size].append(json.loads(done.stdout))
            print(number + 1, size, taken[size][-1], file=sys.stderr)
    median = {
        size: {name: statistics.median(one[name] for one in runs) for name in runs[0]} for size, runs in taken.items()
    }
    RESULTS.write_text(text(median, rounds, load), encoding="utf-8")


def text(median: dict[int, dict[str, float]], rounds: int, load: float) -> str:
    """RESULTS-publication.md."""
    small, middle, whole = (median[size] for size in SIZES)
    first = slope(small, middle)
    second = slope(middle, whole)
    rows = "\n".join(
        f"| {size}/16 | {one['regions']:,.0f} | {one['figures']:,.0f} | {one['seconds']:.1f} | {one['megabytes']:.0f} |"
        f" {one['memory_gib']:.2f} |"
        for size, one in median.items()
    )
    return f"""# What a publication costs

`make bench-publication`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()};
medians of {rounds} rounds, each in a fresh process, imports not counted; load average when it began: {load:.1f}.
Everything is made: tables, disclosure plan and its audit, evidence, site, PDF, workbook, open data, SDMX, checksums.
All indicators of {YEAR} and the years before, over more and more of the governed regions.

| regions taken | regions | figures | seconds | MB | peak GiB |
|---|---:|---:|---:|---:|---:|
{rows}

- All shipped regions: **{whole["seconds"]:.0f} s** (target: under 120 s).
- A thousand figures more cost {first * 1000:.2f} s between the first two lines, {second * 1000:.2f} s between the last:
  ratio **{second / first:.2f}** (linear is 1; target ≤ 1.3). The rest is the same for any size: reading, fonts, PDF,
  charts of the documents' own rows.
"""


def slope(one: dict[str, float], other: dict[str, float]) -> float:
    """Seconds a figure more."""
    return (other["seconds"] - one["seconds"]) / (other["figures"] - one["figures"])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
