"""A page per indicator with a section per definition, and the list of all of them."""

from __future__ import annotations

from collections.abc import Iterator

from .formula import in_words
from .lookup import Lookup, Row
from .page import Page


def pages(look: Lookup) -> Iterator[Page]:
    yield Page("indicators/index.html", "indicator_list.html", "指标", "Indicators", "indicators/index.html")
    for key, definitions in look.indicators.items():
        first = definitions[0]
        yield Page(
            f"indicators/{key}.html",
            "indicator.html",
            first["indicator_name"],
            first["indicator_name_en"],
            "indicators/index.html",
            {
                "indicator": first,
                "variants": [_variant(look, row) for row in definitions],
                "changes": look.changes.get(key, []),
            },
        )


def _variant(look: Lookup, definition: Row) -> Row:
    key = (definition["indicator_key"], definition["variant"])
    figures = look.figures.get(key, {})
    uses = look.uses.get(key, [])
    measures = look.measures_of(definition)
    return definition | {
        "in_words": in_words(look.book, definition, measures),
        "measures": measures,
        "uses": uses,
        "trend": _trend(look, figures, uses),
        "scopes": [scope for scope in (_scope(look, figures, each) for each in look.governed) if scope["rows"]],
    }


def _trend(look: Lookup, figures: dict[tuple[str, str], Row], uses: list[Row]) -> Row:
    """Years across; down, each governed region's figure, its weakest unit, and the paths that documents set."""
    periods = sorted({period for (_, period), row in figures.items() if period >= "2020"})
    lines = []
    for region in look.governed:
        own = {period: figures.get((region["region_code"], period)) for period in periods}
        if any(own.values()):
            weakest = any(row and row["extreme"] is not None for row in own.values())
            lines.append({"region": region, "years": own, "has_extreme": weakest})
    paths = []
    for use in uses:
        years = {
            row["period"]: row for row in look.progress.get((use["document_key"], use["table_key"], use["row_no"]), ())
        }
        if any(row["path_value"] is not None for row in years.values()):
            paths.append({"use": use, "years": years})
    return {"periods": periods, "lines": lines, "paths": paths}


def _scope(look: Lookup, figures: dict[tuple[str, str], Row], region: Row) -> Row:
    """The publication year's figures of a governed region and of those beneath it."""
    beneath = look.beneath[region["region_code"]]
    rows = [figures[row["region_code"], look.year] for row in beneath if (row["region_code"], look.year) in figures]
    columns = ("extreme", "numerator", "denominator", "note")
    shown = {column: any(row[column] is not None for row in rows) for column in columns}
    # a region alone is in the table of years already
    return {"region": region, "rows": rows if len(rows) > 1 else [], "shown": shown}
