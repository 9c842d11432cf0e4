"""A released year's publication over a sixteenth, a quarter and all of its regions. The shipped deliveries are released
first.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.nightly import installation, night
from pipelines.settings import PROJECT

TITLE = "What a publication costs"
YEAR = "2025"
SIZES = {"smoke": (1,), "district": (1, 4), "province": (1, 4, 16)}


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Every part of the regions published in every round."""
    taken: dict[str, list[dict[str, float]]] = {str(part): [] for part in SIZES[size]}
    released = folder / "released"
    released.mkdir()
    with installation(released) as settings:
        night(settings)
        for number in range(rounds):
            for part in SIZES[size]:
                out = folder / f"{number}-{part}"
                out.mkdir()
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.one_publication", str(settings.var), str(out), YEAR, str(part)],
                    cwd=PROJECT,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                taken[str(part)].append(json.loads(done.stdout))
    return {"parts": taken}


def table(results: dict[str, Any]) -> str:
    """One line a part of the regions, and whether cost is linear."""
    median = {
        part: {name: statistics.median(one[name] for one in runs) for name in runs[0]}
        for part, runs in results["parts"].items()
    }
    lines = [
        "Everything is made: tables, disclosure plan and its audit, evidence, site, PDF, workbook, open data, SDMX,"
        f" checksums; all indicators of {YEAR} and the years before. Each in a fresh process, imports not counted.",
        "",
        "| regions taken | regions | figures | seconds | MB | peak GiB |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {part}/16 | {one['regions']:,.0f} | {one['figures']:,.0f} | {one['seconds']:.1f} |"
            f" {one['megabytes']:.0f} | {one['memory_gib']:.2f} |"
            for part, one in median.items()
        ),
    ]
    if len(median) == 3:
        small, middle, whole = median.values()
        first, second = slope(small, middle), slope(middle, whole)
        lines += [
            "",
            f"- All shipped regions: **{whole['seconds']:.0f} s** (target: under 120 s).",
            f"- A thousand figures more cost {first * 1000:.2f} s between the first two lines, {second * 1000:.2f} s"
            f" between the last: ratio **{second / first:.2f}** (linear is 1; target ≤ 1.3). The rest is the same for"
            " any size: reading, fonts, PDF, charts of the documents' own rows.",
        ]
    return "\n".join(lines) + "\n"


def slope(one: dict[str, float], other: dict[str, float]) -> float:
    """Seconds a figure more."""
    return (other["seconds"] - one["seconds"]) / (other["figures"] - one["figures"])
