"""Where each figure comes from: a page per indicator with an entry per figure, and one for subsidies and funds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .lookup import Lookup, Row
from .page import Page

#: table of money → the sources that its figures are made from
LEDGERS = {"subsidies": ("subsidy_ledger",), "beneficiaries": ("subsidy_ledger",), "funds": ("fund_ledger",)}

#: doubles of exact sums differ by less
TOLERANCE = 1e-9


def pages(look: Lookup) -> Iterator[Page]:
    for key, definitions in look.indicators.items():
        first = definitions[0]
        yield Page(
            f"trace/{key}.html",
            "trace.html",
            f"{first['indicator_name']}：数字的来历",
            f"{first['indicator_name_en']}: where the figures come from",
            "indicators/index.html",
            {
                "indicator": first,
                "variants": [(row, look.measures_of(row), list(_entries(look, row))) for row in definitions],
            },
        )
    yield Page(
        "trace/programmes.html",
        "trace_programmes.html",
        "补贴与资金：数字的来历",
        "Subsidies and funds: where the figures come from",
        "money.html",
        {"entries": _programmes(look)},
    )


def _entries(look: Lookup, definition: Row) -> Iterator[Row]:
    """The figures of a definition, each with the files behind its measures and the regions that it is summed from."""
    figures = look.figures.get((definition["indicator_key"], definition["variant"]), {})
    measures = look.measures_of(definition)
    for (region, period), row in figures.items():
        hidden = row["obs_status"] == "Q"
        children = [] if hidden else _children(look, figures, region, period)
        yield row | {
            "is_hidden": hidden,
            "children": children,
            "is_sum": _is_sum(row, children),
            "parts": []
            if hidden
            else [
                (part, measure, look.evidence.get((measure["measure_key"], region, period), []))
                for part, measure in measures
            ],
        }


def _children(look: Lookup, figures: dict[tuple[str, str], Row], region: str, period: str) -> list[Row]:
    found = [figures.get((child["region_code"], period)) for child in look.children.get(region, ())]
    return [row for row in found if row]


def _is_sum(row: Row, children: list[Row]) -> bool | None:
    """Whether both sides of a figure are what those of its children add up to; None where a child's is not told."""
    sides = [side for side in ("numerator", "denominator") if row[side] is not None]
    if any(child[side] is None for child in children for side in sides):
        return None
    return all(
        abs(row[side] - sum(child[side] for child in children)) < TOLERANCE * abs(row[side] or 1) for side in sides
    )


def _programmes(look: Lookup) -> list[Row]:
    """One entry per programme, region and period that a table of money shows."""

    @cache
    def files(source: str, region: str, period: str) -> list[Row]:
        family = {region, *look.ancestors(region)} | {
            code for code in look.book.regions if region in look.ancestors(code)
        }
        return [
            row
            for row in by_source.get(source, ())
            if row["period"].startswith(period) and (row["supplier"] in family or row["supplier"][:4] == region[:4])
        ]

    by_source: dict[str, list[Row]] = {}
    for row in look.rows("deliveries"):
        by_source.setdefault(row["source"], []).append(row)
    entries: dict[tuple[str, str, str], Row] = {}
    for table, sources in LEDGERS.items():
        for row in look.rows(table):
            key = (row["programme_code"], row["region_code"], row["period"])
            entry = entries.setdefault(key, row | {"facts": {}, "files": []})
            entry["facts"][table] = row
            entry["files"] += [f for s in sources for f in files(s, *key[1:]) if f not in entry["files"]]
    return [entries[key] for key in sorted(entries)]
