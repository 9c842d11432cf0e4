"""What a night over the history of the subsidy ledger costs, from the delivered files to the release: the first night,
one more month on a long, a short and hardly any history, a correction of one county in one old month, and nothing.

Every night is the command itself in a process of its own, under the memory that an operator may give it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.installation import Installation, NightTaken
from benchmarks.ledger_deliveries import Store
from pipelines.settings import Settings

TITLE = "What a night over the history of the subsidies costs"
#: months of the long and of the short history, payments a month
SIZES = {"smoke": (3, 2, 1_000), "district": (24, 12, 100_000), "province": (60, 12, 1_666_667)}
MEMORY = "4GB"
#: name of a history → the words for it
ONE, SHORT, LONG = "one", "short", "long"
STEPS = ("start", "landing", "models", "checks", "release", "end")


@dataclass
class Kept:
    """What was measured, by night, in a file: a measurement that was broken off goes on from it, as long as the code is
    the same."""

    path: Path
    code: str
    taken: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, path: Path) -> Kept:
        code = Settings.from_environment().code_version()
        told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(path, code, told["taken"] if told.get("code") == code else {})

    def times(self, name: str) -> int:
        return len(self.taken.get(name, []))

    def add(self, name: str, told: dict[str, Any]) -> None:
        self.taken.setdefault(name, []).append(told)
        self.path.write_text(json.dumps({"code": self.code, "taken": self.taken}), encoding="utf-8")
        short = {key: value for key, value in told.items() if key != "nodes"}
        print(name, json.dumps(short, ensure_ascii=False), file=sys.stderr)


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """First nights once, the nights that go on from them in every round. Raises SystemExit for a night that releases
    nothing or lands another number of payments than were delivered."""
    months, short, rows = SIZES[size]
    store = Store(folder / "deliveries", rows)
    store.make(months + 1)
    store.correct(months // 2)
    kept = Kept.of(folder / "taken.json")
    lengths = {LONG: months, SHORT: short, ONE: 1}
    places = {name: Installation(folder / name, store, MEMORY) for name in lengths}
    if not kept.taken:
        for place in places.values():
            place.forget()
    for number in range(rounds):
        for name, history in lengths.items():
            nights = dict(_nights(places[name], name, history, months // 2))
            if all(kept.times(night) > number for night in nights):
                continue
            _begin(places[name], name, history, kept)
            for night, run in nights.items():  # those that were measured as well: the later ones go on from them
                told = run()
                if kept.times(night) == number:
                    kept.add(night, told)
    delivered = store.rows(places[LONG].raw)
    return {"months": months, "short": short, "rows": delivered, "taken": kept.taken}


def _begin(place: Installation, name: str, history: int, kept: Kept) -> None:
    """The installation as its first night left it; where there was none, that night, beside the longest the floors."""
    floors = {f"{name}_floor": place.floor, f"{name}_landing_floor": place.landing_floor} if name == LONG else {}
    if place.base.exists() and all(kept.times(night) for night in (f"{name}_first", *floors)):
        place.begin_again(history)
        return
    place.forget()
    place.begin(history)
    first = place.night()
    for floor, by_hand in floors.items():
        kept.taken.pop(floor, None)
        kept.add(floor, by_hand())
    place.keep()
    kept.taken.pop(f"{name}_first", None)
    kept.add(f"{name}_first", first)


def _nights(
    place: Installation, name: str, history: int, corrected: int
) -> Iterator[tuple[str, Callable[[], NightTaken]]]:
    """The nights of a round, each going on from the one before."""

    def more() -> NightTaken:
        place.deliver(range(history, history + 1))
        return place.night()

    def correction() -> NightTaken:
        place.deliver_correction(corrected)
        return place.night()

    yield f"{name}_more", more
    if name == LONG:
        yield "corrected", correction
        yield "nothing", lambda: place.night(releases=False)
        yield "bare", place.bare_start


def table(results: dict[str, Any]) -> str:
    """Markdown: medians, ratios of the same round, targets."""
    taken, months, short = results["taken"], results["months"], results["short"]
    nights = {
        f"{LONG}_first": f"the first, over {months} months", f"{SHORT}_first": f"over {short}",
        f"{ONE}_first": "over 1", f"{LONG}_more": f"one more month on {months}", f"{SHORT}_more": f"on {short}",
        f"{ONE}_more": "on 1", "corrected": "one county corrected in one old month", "nothing": "nothing delivered",
    }  # fmt: skip

    def middle(name: str, what: str = "seconds") -> float:
        return median(run[what] for run in taken[name])

    def row(name: str, words: str) -> str:
        steps = (median(run["steps"].get(step, 0.0) for run in taken[name]) for step in STEPS)
        cells = "".join(f" {seconds:.1f} |" for seconds in (middle(name), *steps))
        return f"| {words} |{cells} {middle(name, 'peak_mb') / 1024:.1f} | {middle(name, 'processor_seconds'):.0f} |"

    def ratio(words: str, name: str, beside: str, target: float) -> str:
        pairs = list(zip(taken[name], taken[beside], strict=False))  # a round may have been broken off
        found = median(run["seconds"] / other["seconds"] for run, other in pairs)
        verdict = f"≤ {target}" + ("" if found <= target else ", **missed**")
        return f"| {words} | {middle(name):.1f} | {middle(beside):.1f} | {found:.2f} | {verdict} |"

    first, floor = taken[f"{LONG}_first"][0], taken[f"{LONG}_floor"][0]["seconds"]
    unlanded = (first["seconds"] - first["steps"]["landing"]) / floor
    landed = taken[f"{LONG}_landing_floor"][0]["seconds"]
    taken = taken | {"by_hand": [{"seconds": floor + landed}]}
    return "\n".join(
        [
            f"{results['rows']:,} payments in {months} months and a correction, delivered as Parquet, with persons'"
            f" numbers; `carestat nightly` with `CARESTAT_MEMORY={MEMORY}`.",
            "",
            f"| night | seconds | {' | '.join(STEPS)} | peak, GiB | processor s |",
            "|---|" + "---:|" * (len(STEPS) + 3),
            *(row(name, words) for name, words in nights.items()),
            "",
            "| | seconds | beside, s | ratio | target |",
            "|---|---:|---:|---:|---:|",
            ratio("the first night ÷ landing and subsidies in SQL by hand", f"{LONG}_first", "by_hand", 2.0),
            ratio("the same ÷ the subsidies alone in SQL by hand", f"{LONG}_first", f"{LONG}_floor", 2.0),
            ratio(f"one more month on {months} ÷ on {short}", f"{LONG}_more", f"{SHORT}_more", 1.15),
            ratio("one more month ÷ on 1", f"{LONG}_more", f"{ONE}_more", 1.4),
            ratio("a correction ÷ one more month", "corrected", f"{LONG}_more", 1.2),
            ratio("nothing delivered ÷ the same imports alone", "nothing", "bare", 1.3),
            "",
            f"- By hand, landing the ledger takes {landed:.1f} s from the same delivered files (keyed hashes, the"
            " contract's rules, Parquet; the rows are compared), the subsidies"
            f" {floor:.1f} s from what landed (*history* compares the rows). That keeps no account of files, no refused"
            " rows and no lineage, checks nothing and releases nothing. The first night without its landing is"
            f" {unlanded:.2f} times the subsidies by hand.",
            "- Peak: resident memory of all processes together, shared pages once.",
            *(f"- {remark}" for remark in results.get("remarks", [])),  # written into the results by hand
            *_slowest(taken, nights),
            "",
        ]
    )  # fmt: skip


def _slowest(taken: dict[str, list[dict[str, Any]]], nights: dict[str, str]) -> Iterator[str]:
    for name in (f"{LONG}_first", f"{LONG}_more", f"{SHORT}_more", "corrected"):
        nodes = taken[name][-1]["nodes"]
        said = ", ".join(f"{node} {seconds:.1f}" for node, seconds in list(nodes.items())[:10])
        yield f"- Slowest models, {nights[name]}, s: {said}."
