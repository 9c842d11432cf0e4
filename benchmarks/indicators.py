"""What the indicators cost: all of them for every county and everything above, those of towns for every town, twelve
years, over one, four and sixteen sixteenths of an invented nation. The deliveries are landed for real."""

from __future__ import annotations

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.country import TINY, Country, opened, sixteenths
from pipelines.settings import PROJECT

TITLE = "What the indicators cost"
PARTS = {"district": (1,), "province": (1, 4, 16)}
#: everything but the subsidies and what follows from them
CHOSEN = ("--exclude", "path:models/subsidies+", "resource_type:test", "resource_type:unit_test")
#: of these no more than the tables that are asked, where figures mean nothing
ASKED_FOR = ("+indicator_value_today", "+facility")
LAYERS = ("staging", "reference", "measures", "indicators", "marts")
MILLION = 1_000_000


def countries(size: str, folder: Path) -> dict[str, Country]:
    """The countries to measure, the largest last; made where no measurement before has made them."""
    shared = folder.parent / "countries"
    if size == "smoke":
        return {"tiny": Country(shared / "tiny", TINY)}
    return {f"{parts}/16": Country(shared / f"sixteenths_{parts}", sixteenths(parts)) for parts in PARTS[size]}


def build(country: Country) -> dict[str, Any]:
    """All models but the subsidies', from the landed files to the marts; what they took."""
    country.prepare()
    if country.size == TINY:
        return country.dbt("build", "--select", *ASKED_FOR, *CHOSEN)
    country.dbt("seed")
    return country.dbt("run", *CHOSEN)


def measure(size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Every country in every round; the build of the last round stays for other measurements."""
    measured: dict[str, Any] = {}
    for _ in range(rounds):
        for name, country in countries(size, folder).items():
            run = build(country)
            limit = os.environ.get("CARESTAT_DUCKDB_MEMORY", "4GB")
            told = measured.setdefault(
                name, {"account": country.account, "limit": limit, "runs": []} | counted(country.marts)
            )
            told["runs"].append(run)
    return measured


def counted(marts: Path) -> dict[str, int]:
    """Regions and values of a build. Raises where an indicator has no figure anywhere."""
    with opened(marts) as connection:
        levels = dict(
            connection.execute(
                "select region_level, count(distinct region_code) from marts.indicator_value group by all"
            ).fetchall()
        )
        values, of_towns, without = connection.execute(
            "select count(*), count(*) filter (where region_level = 'town'),"
            " (select count(*) from reference.indicator as registry anti join marts.indicator_value as told"
            " on registry.indicator_key = told.indicator_key where registry.kind <> 'parameter')"
            " from marts.indicator_value"
        ).fetchall()[0]
    if without:
        raise SystemExit(f"{without} indicators have no row: the made country lacks what they count")
    return {"counties": levels["county"], "towns": levels.get("town", 0), "values": values, "of_towns": of_towns}


def by_layer(steps: dict[str, float]) -> dict[str, float]:
    """Seconds of the models of each layer, added up."""
    layer_of = {path.stem: path.relative_to(PROJECT / "dbt_project" / "models").parts[0]
                for path in (PROJECT / "dbt_project" / "models").rglob("*.sql")}  # fmt: skip
    seconds: Counter[str] = Counter()
    for step, taken in steps.items():
        seconds[layer_of.get(step, "")] += taken
    return {layer: seconds[layer] for layer in LAYERS}


def table(results: dict[str, Any]) -> str:
    """One line a size, where the time goes, and whether cost is linear."""
    lines = [
        "Invented deliveries of twelve years, landed by the pipeline; then `dbt run` of all models but the subsidies',"
        " from the first model's start to the last one's end, two at a time, under a `memory_limit` of"
        f" {next(iter(results.values())).get('limit', '4GB')} (`CARESTAT_DUCKDB_MEMORY`).",
        "",
        "| nation | counties | towns | rows landed | values | seconds | seconds a million values | peak GiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, told in results.items():
        seconds, peak = (median(run[what] for run in told["runs"]) for what in ("models", "peak_mb"))
        lines.append(
            f"| {name} | {told['counties']:,} | {told['towns']:,} | {told['account']['rows']:,} | {told['values']:,} |"
            f" {seconds:.1f} | {seconds / told['values'] * MILLION:.1f} | {peak / 1024:.2f} |"
        )
    lines += ["", *_linear(results), *_layers(results), *_slowest(results)]
    return "\n".join(lines) + "\n"


def _linear(results: dict[str, Any]) -> list[str]:
    if len(results) < 3:
        return []
    points = [(told["values"], median(run["models"] for run in told["runs"])) for told in results.values()]
    slopes = [(after[1] - before[1]) / (after[0] - before[0]) * MILLION
              for before, after in pairwise(points)]  # fmt: skip
    told = ", ".join(f"{slope:.2f} s" for slope in slopes)
    return [
        f"- A million values more cost {told} from size to size: ratio **{slopes[-1] / slopes[0]:.2f}** (linear is 1).",
        "",
    ]


def _layers(results: dict[str, Any]) -> list[str]:
    lines = [f"| seconds of models, added up | {' | '.join(results)} |", "|---|" + "---:|" * len(results)]
    layers = {name: [by_layer(run["steps"]) for run in told["runs"]] for name, told in results.items()}
    for layer in LAYERS:
        cells = (f"{median(run[layer] for run in runs):.1f}" for runs in layers.values())
        lines.append(f"| {layer} | {' | '.join(cells)} |")
    return [*lines, ""]


def _slowest(results: dict[str, Any], most: int = 12) -> list[str]:
    def seconds(told: dict[str, Any], step: str) -> float:
        return median(run["steps"].get(step, 0.0) for run in told["runs"])

    *_, largest = results.values()
    steps = sorted(largest["runs"][0]["steps"], key=lambda step: -seconds(largest, step))[:most]
    lines = [f"| the slowest models | {' | '.join(results)} |", "|---|" + "---:|" * len(results)]
    for step in steps:
        lines.append(f"| {step} | {' | '.join(f'{seconds(told, step):.1f}' for told in results.values())} |")
    return lines
