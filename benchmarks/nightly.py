"""`carestat nightly` against its floor: first time, nothing changed, one changed file; and where the time goes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.floor import Floor
from pipelines.settings import PROJECT, Settings

TITLE = "What a night of the shipped deliveries costs"
CHANGED = "agency_returns/2025/500113.csv"
UNPARSED, FIRST, NOTHING, CHANGED_FILE = (
    "first time, models not parsed yet",
    "first time, with the parsed models that the floor has",
    "nothing changed",
    "one changed file",
)
TARGETS = {UNPARSED: None, FIRST: 3.0, NOTHING: 1.6, CHANGED_FILE: None}
STEP = re.compile(r"· (landing|models|checks|release)  ([0-9.]+) s")
#: event of a finished node in dbt's log → its kind
RESULTS = {"LogModelResult": "models", "LogSeedResult": "seeds", "LogTestResult": "tests"}


@dataclass
class Timed:
    """One run of the command: its seconds, and the seconds of its parts in order."""

    seconds: float
    parts: dict[str, float] = field(default_factory=dict)


def night(settings: Settings) -> Timed:
    """Run the command; its own lines say when each step ended and how long it took."""
    began = time.perf_counter()
    run = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "nightly"], cwd=PROJECT, stderr=subprocess.PIPE, text=True
    )
    steps: dict[str, float] = {}
    start = last = 0.0
    said = []
    for line in run.stderr or ():
        said.append(line)
        if found := STEP.search(line):
            name, seconds = found[1], float(found[2])
            last = time.perf_counter() - began
            start = start or last - seconds
            steps[name] = seconds
    if run.wait():
        raise SystemExit(f"nightly: exit {run.returncode}\n{''.join(said)}")
    total = time.perf_counter() - began
    if not steps:
        return Timed(total)
    dbt = dbt_parts(settings.var / "logs" / "dbt.log")
    whole = dbt.pop("dbt")
    return Timed(
        total,
        {
            "start: Python, Dagster, definitions": start,
            "landing": steps["landing"],
            "models: dbt, from its first line to its last": whole,
            **{f"of that, its {name} (two threads, summed)": seconds for name, seconds in dbt.items()},
            "models: dbt's imports, recording its events in Dagster": steps["models"] - whole,
            "checks: Great Expectations": steps["checks"],
            "release": steps["release"],
            "end: ops file, leaving": total - last,
        },
    )


def dbt_parts(log: Path) -> dict[str, float]:
    """Of the last invocation in dbt's log: its whole time, and the execution times of its nodes by kind."""
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    last = events[-1]["info"]["invocation_id"]
    mine = [event for event in events if event["info"]["invocation_id"] == last]
    at = [datetime.fromisoformat(event["info"]["ts"].replace("Z", "+00:00")) for event in mine]
    nodes: Counter[str] = Counter()
    for event in mine:
        if kind := RESULTS.get(event["info"]["name"]):
            nodes[kind] += event["data"]["execution_time"]
    return {"dbt": (at[-1] - at[0]).total_seconds(), **dict(nodes)}


def change_one_file(raw: Path, by: int) -> None:
    """Another figure in one return, as a corrected delivery brings it."""
    path = raw / CHANGED
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(
        "\ufeff" + re.sub(r"(backbone_eldercare_enterprises),(\d+)", lambda m: f"{m[1]},{int(m[2]) + by}", text),
        encoding="utf-8",
    )


def forget_all_but_parsed_models(var: Path) -> None:
    """As on the first day, but with the manifest that the floor is given."""
    for entry in var.iterdir():
        if entry.name == "dbt":
            continue
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


@contextmanager
def installation(folder: Path) -> Iterator[Settings]:
    """The shipped deliveries in a folder of the measurement's own, an empty var beside them; it goes at the end."""
    os.environ["CARESTAT_KEY_FILE"] = str(folder / "key")
    shutil.copytree(PROJECT / "raw", folder / "raw")
    settings = Settings.from_environment(folder / "raw", folder / "var")
    settings.export()
    try:
        yield settings
    finally:
        shutil.rmtree(folder)


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Each kind of night followed by its floor, in every round; each round begins with an empty var. The shipped
    deliveries have one size."""
    nights: dict[str, list[dict[str, Any]]] = {kind: [] for kind in TARGETS}
    floors: dict[str, list[float]] = {kind: [] for kind in TARGETS}
    for number in range(rounds):
        own = folder / "round"
        own.mkdir()
        with installation(own) as settings:
            floor = None
            for kind in TARGETS:
                if kind == FIRST:
                    forget_all_but_parsed_models(settings.var)
                if kind == CHANGED_FILE:
                    change_one_file(settings.raw, number + 1)
                nights[kind].append(asdict(night(settings)))
                floor = floor or Floor(settings, own / "floor")
                floors[kind].append(floor.seconds())
                pair = nights[kind][-1]["seconds"], floors[kind][-1]
                print(f"{kind}: {pair[0]:.1f} s ÷ {pair[1]:.1f} s = {pair[0] / pair[1]:.2f}", file=sys.stderr)
    return {"nights": nights, "floors": floors}


def table(results: dict[str, Any]) -> str:
    """Each kind of night beside its floor, and where the time goes."""
    nights, floors = results["nights"], results["floors"]
    lines = [
        "| `carestat nightly`, shipped deliveries | seconds | floor: `dbt run`, s | ratio | target |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind, target in TARGETS.items():
        seconds = [timed["seconds"] for timed in nights[kind]]
        ratio = median(night / floor for night, floor in zip(seconds, floors[kind], strict=True))
        aim = f"≤ {target}" if target else ""
        lines.append(f"| {kind} | {median(seconds):.1f} | {median(floors[kind]):.1f} | {ratio:.2f} | {aim} |")
    lines += ["", "Where the time goes (seconds):", "", "| part | first time | one changed file |", "|---|---:|---:|"]
    for part in nights[FIRST][0]["parts"]:
        first, changed = (
            median(timed["parts"].get(part, 0.0) for timed in nights[kind]) for kind in (FIRST, CHANGED_FILE)
        )
        lines.append(f"| {part} | {first:.1f} | {changed:.1f} |")
    return "\n".join(lines) + "\n"
