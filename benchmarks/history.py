"""What the history of the subsidy ledger costs: all of it at once beside SQL written by hand, one more month on a long,
a short and hardly any history, a correction of one county in one old month.

The models alone are measured, from the first one's start to the last one's end; every build in a fresh process under
the memory limit of a night, the floor under the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ledger_bench import Bench, Deliveries
from pipelines.settings import Settings

TITLE = "What the history of the subsidies costs"
#: months, payments a month
SIZES = {"smoke": (3, 1_000), "district": (24, 100_000), "province": (60, 1_666_667)}
SHORT = 12
MEMORY = "4GB"
#: builds that take minutes, and that others go on from
ONCE = ("one_whole", "short_whole", "floor", "whole")


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Builds with nothing kept and the floor once, those that go on from them in every round; what the folder holds
    already of the same code is not measured again, so that a measurement can be broken off. Raises SystemExit where a
    build and the floor differ in a row."""
    months, rows = SIZES[size]
    bench = Bench(folder, rows, {"CARESTAT_DUCKDB_MEMORY": MEMORY, "CARESTAT_SPILL": str(folder / "spill")})
    bench.make(months + 1)
    corrected = months // 2
    bench.correct(corrected)
    kept, version = folder / "taken.json", Settings.from_environment().code_version()
    told = json.loads(kept.read_text()) if kept.exists() else {}
    taken: dict[str, list[dict[str, Any]]] = told["taken"] if told.get("code") == version else {}
    compared = told.get("code") == version and told.get("compared", False)

    def keep() -> None:
        kept.write_text(json.dumps({"code": version, "taken": taken, "compared": compared}))

    for number in range(rounds):
        for name, run in _builds(bench, months, corrected).items():
            if len(taken.setdefault(name, [])) == number and (number == 0 or name not in ONCE):
                taken[name].append(run())
                keep()
                print(name, {key: value for key, value in taken[name][-1].items() if key != "steps"}, file=sys.stderr)
    if not compared:
        bench.go_on_from("more")
        bench.night(Deliveries(months + 1, corrected))
        bench.floor(Deliveries(months + 1, corrected))
        _compare(bench)
        compared = True
        keep()
    rows_ = bench.rows(Deliveries(months))
    return {"months": months, "short": min(SHORT, months), "rows": rows_, "taken": taken, "compared": True}


def _builds(bench: Bench, months: int, corrected: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """In this order, as some go on from what others keep."""

    def whole(name: str, history: int) -> dict[str, Any]:
        bench.begin()
        told = bench.night(Deliveries(history))
        told["check"] = bench.check(exports=history == months)
        bench.keep(name)
        return told

    def more(name: str, of: Deliveries, keep: str = "", checked: bool = True) -> dict[str, Any]:
        bench.go_on_from(name)
        told = bench.night(of)
        if checked:
            told["check"] = bench.check(name)
        if keep:
            bench.keep(keep)
        return told

    def floor() -> dict[str, Any]:
        return bench.floor(Deliveries(months))

    def long_whole() -> dict[str, Any]:
        told = whole("long", months)
        _compare(bench)
        return told

    short = min(SHORT, months)
    return {
        "one_whole": lambda: whole("one", 1),
        "one": lambda: more("one", Deliveries(2)),
        "short_whole": lambda: whole("short", short),
        "short": lambda: more("short", Deliveries(short + 1)),
        "floor": floor,
        "whole": long_whole,
        "long": lambda: more("long", Deliveries(months + 1), keep="more"),
        "nothing": lambda: more("more", Deliveries(months + 1)),
        "corrected": lambda: more("more", Deliveries(months + 1, corrected)),
    }


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
        pairs = zip(taken[name], taken[beside], strict=False)  # a round may have been broken off
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
            f"{results['rows']:,} payments of {months} months. Under `memory_limit` {MEMORY}, both. Measured"
            f" {len(taken['whole'])} × with nothing kept and by hand, {len(taken['long'])} × going on from that.",
            "",
            "| subsidy models | seconds | beside | seconds | ratio | target |",
            "|---|---:|---|---:|---:|---:|",
            line("the whole history, nothing kept", "whole", "SQL by hand", "floor", 1.4, what="seconds"),
            line(f"one more month on {months}", "long", f"on {short}", "short", 1.15),
            line("the same", "long", "on 1", "one", 1.4),
            line("one county corrected in one old month", "corrected", "one more month", "long", 1.2),
            line(f"{months} months at once", "whole", f"{months} × one more month", "long", 1.2, times=months),
            "",
            *_checks(taken, middle),
            f"- Nothing delivered: {middle('nothing'):.1f} s, in which every kept table is asked what it lacks.",
            f"- Peak memory, GiB: {peaks}. Kept from night to night: "
            + ", ".join(f"{name} {megabytes / 1e3:.2f} GB" for name, megabytes in kept.items())
            + "; the night begins with a copy of marts and work, which is not in these seconds.",
            "- Payments and dues to the cent, findings and distinct persons are those of the SQL by hand in every row,"
            " after the whole history at once"
            + (
                " as after one more month and a correction."
                if results["compared"]
                else "; the other nights not compared."
            ),
            *_steps(taken),
            "",
        ]
    )


def _checks(taken: dict[str, list[dict[str, Any]]], middle: Callable[..., float]) -> list[str]:
    """What checks and release add; a build without checks had nothing to release either."""

    def seconds(name: str, what: str) -> float:
        return median(run["check"][what] for run in taken[name])

    night = [run["models"] + run["check"]["checks"] + run["check"]["export"] for run in taken["whole"]]
    ratio = median(one / floor["seconds"] for one, floor in zip(night, taken["floor"], strict=False))
    shares = {name: seconds(name, "but_unique") / middle(name) for name in ("long", "corrected")}
    peak = median(run["check"]["peak_mb"] for run in taken["whole"]) / 1024
    return [
        f"- The whole history with its checks ({seconds('whole', 'checks'):.1f} s) and its release as Parquet"
        f" ({seconds('whole', 'export'):.1f} s): {median(night):.1f} s, {ratio:.2f} times the SQL by hand"
        f" (≤ 2.0{'' if ratio <= 2 else ', **missed**'}), without landing, which made these files."
        f" Peak memory of checks and release {peak:.1f} GiB.",
        "- Checks other than uniqueness, beside the models: "
        + ", ".join(
            f"{words} {seconds(name, 'but_unique'):.1f} s, {100 * shares[name]:.0f} %"
            for words, name in (("one more month", "long"), ("a correction", "corrected"))
        )
        + f" (≤ 15 %{'' if max(shares.values()) <= 0.15 else ', **missed**'}).",
    ]


def _steps(taken: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines: list[str] = []
    for words, name in (("nothing kept", "whole"), ("one more month", "long"), ("by hand", "floor")):
        runs = [run["steps"] for run in taken[name]]
        seconds = {step: median(run[step] for run in runs) for step in runs[0]}
        slowest = sorted(seconds.items(), key=lambda item: -item[1])[:12]
        lines += ["", f"Seconds, {words}: " + ", ".join(f"{step} {value:.1f}" for step, value in slowest) + "."]
    return lines
