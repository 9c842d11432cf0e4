"""What the history of the subsidy ledger costs: all of it at once beside SQL written by hand, one more month on a long,
a short and hardly any history, a correction of one county in one old month.

`python -m benchmarks.history [ROUNDS] [SIZE] [FOLDER]`: SIZE as in `python -m benchmarks`; a FOLDER keeps the ledger,
so that the next call need not make it. Writes RESULTS-history.md. The models alone are measured, from the first one's
start to the last one's end; every build in a fresh process under the memory limit of a night, the floor under the same.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ledger_bench import Bench, Deliveries

TITLE = "What the history of the subsidies costs"
RESULTS = Path(__file__).with_name("RESULTS-history.md")
#: months, payments a month
SIZES = {"smoke": (3, 1_000), "district": (24, 100_000), "province": (60, 1_666_667)}
SHORT = 12
MEMORY = "4GB"


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Every build so many times. Raises SystemExit where a build and the floor differ in a row."""
    months, rows = SIZES[size]
    limits = {"CARESTAT_DUCKDB_MEMORY": MEMORY, "CARESTAT_SPILL": str(folder / "spill")}
    bench = Bench(folder, rows, limits)
    bench.make(months + 1)
    corrected = months // 2
    bench.correct(corrected)
    taken: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for name, run in _round(bench, months, corrected).items():
            taken.setdefault(name, []).append(run)
    bench.floor(Deliveries(months + 1, corrected))
    _compare(bench)
    return {"months": months, "short": min(SHORT, months), "rows": bench.rows(Deliveries(months)), "taken": taken}


def _round(bench: Bench, months: int, corrected: int) -> dict[str, dict[str, Any]]:
    """The last build is that of the long history, one more month, one month corrected."""
    taken: dict[str, dict[str, Any]] = {}
    for name, history in (("one", 1), ("short", min(SHORT, months))):
        bench.begin()
        taken[f"{name}_whole"] = bench.night(Deliveries(history))
        taken[name] = bench.night(Deliveries(history + 1))
    taken["floor"] = bench.floor(Deliveries(months))
    bench.begin()
    taken["whole"] = bench.night(Deliveries(months))
    _compare(bench)
    taken["long"] = bench.night(Deliveries(months + 1))
    taken["nothing"] = bench.night(Deliveries(months + 1))
    taken["corrected"] = bench.night(Deliveries(months + 1, corrected))
    return taken


def _compare(bench: Bench) -> None:
    different = {name: count for name, count in bench.differences().items() if count}
    if different:
        raise SystemExit(f"rows that the models and the SQL by hand do not share: {different}")


def table(results: dict[str, Any]) -> str:
    """Markdown: medians, ratios of the same round, targets."""
    taken, months, short = results["taken"], results["months"], results["short"]

    def middle(name: str, what: str = "models") -> float:
        return median(run[what] for run in taken[name])

    def ratio(name: str, beside: str, times: int = 1, what: str = "models") -> float:
        pairs = zip(taken[name], taken[beside], strict=True)
        return median(run["models"] / (other[what] * times) for run, other in pairs)

    def line(words: str, name: str, beside: str, other: str, target: float, **how: Any) -> str:
        found = ratio(name, other, **how)
        seconds = middle(other, how.get("what", "models")) * how.get("times", 1)
        verdict = f"≤ {target}" + ("" if found <= target else ", **missed**")
        return f"| {words} | {middle(name):.1f} | {beside} | {seconds:.1f} | {found:.2f} | {verdict} |"

    peaks = ", ".join(
        f"{words} {middle(name, 'peak_mb') / 1024:.1f}"
        for words, name in (
            (f"{months} months at once", "whole"), (f"{short} at once", "short_whole"), ("one more", "long"),
            ("by hand", "floor"),
        )
    )  # fmt: skip
    kept = taken["corrected"][-1]["kept_mb"]
    return "\n".join(
        [
            f"{results['rows']:,} payments of {months} months. Under `memory_limit` {MEMORY}, both.",
            "",
            "| subsidy models | seconds | beside | seconds | ratio | target |",
            "|---|---:|---|---:|---:|---:|",
            line("the whole history, nothing kept", "whole", "SQL by hand", "floor", 1.4, what="seconds"),
            line(f"one more month on {months}", "long", f"on {short}", "short", 1.15),
            line("the same", "long", "on 1", "one", 1.4),
            line("one county corrected in one old month", "corrected", "one more month", "long", 1.2),
            line(f"{months} months at once", "whole", f"{months} × one more month", "long", 1.2, times=months),
            "",
            f"- Nothing delivered: {middle('nothing'):.1f} s, in which every kept table is asked what it lacks.",
            f"- Peak memory, GiB: {peaks}. Kept from night to night: "
            + ", ".join(f"{name} {megabytes / 1e3:.2f} GB" for name, megabytes in kept.items())
            + "; the night begins with a copy of marts and work, which is not in these seconds.",
            "- Payments and dues to the cent, findings and distinct persons are those of the SQL by hand in every row,"
            " after the whole history at once as after one more month and a correction.",
            *_steps(taken),
            "",
        ]
    )


def _steps(taken: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines: list[str] = []
    for words, name in (("nothing kept", "whole"), ("one more month", "long"), ("by hand", "floor")):
        runs = [run["steps"] for run in taken[name]]
        seconds = {step: median(run[step] for run in runs) for step in runs[0]}
        slowest = sorted(seconds.items(), key=lambda item: -item[1])[:12]
        lines += ["", f"Seconds, {words}: " + ", ".join(f"{step} {value:.1f}" for step, value in slowest) + "."]
    return lines


def main(rounds: int, size: str, folder: Path) -> None:
    load = os.getloadavg()[0]
    results = measure(size, rounds, folder)
    head = (
        f"`python -m benchmarks.history {rounds} {size}`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}; medians of {rounds} rounds. Load average when it began: {load:.1f}."
    )
    RESULTS.write_text(f"# {TITLE}\n\n{head}\n\n{table(results)}", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    chosen = [*sys.argv[1:], *("3", "province")[len(sys.argv) - 1 :]]
    if len(chosen) > 2:
        main(int(chosen[0]), chosen[1], Path(chosen[2]))
    else:
        with TemporaryDirectory(prefix="carestat-bench-") as temporary:
            main(int(chosen[0]), chosen[1], Path(temporary))
