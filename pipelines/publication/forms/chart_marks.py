"""What of the drawing follows from the figures: shades of tiles, names that fit, labels that keep off the rules."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipelines.publication import numbers
from pipelines.publication.forms import chart_words
from pipelines.publication.forms.chart_words import Subject

Row = dict[str, Any]
#: operator, value, year (None: a standing demand)
Targets = Collection[tuple[str | None, float, int | None]]
#: height of a line of text as a share of a trend's height
LINE = 0.075


def shades(values: list[float], subject: Subject) -> tuple[dict[float, int], list[str]]:
    """Value → class 1–4, and what each class spans: quarters of the distinct figures as shown."""
    distinct = sorted(set(values))
    ends = sorted({distinct[-(-len(distinct) * quarter // 4) - 1] for quarter in (1, 2, 3, 4)})
    found = {value: next(at for at, end in enumerate(ends, 1) if value <= end) for value in distinct}
    spans = [[value for value in distinct if found[value] == at] for at in range(1, len(ends) + 1)]
    texts = [[numbers.shown(value, subject.decimals) for value in (span[0], span[-1])] for span in spans]
    return found, ["–".join(dict.fromkeys(pair)) for pair in texts]


def broken(name: str) -> str:
    return name if len(name) <= 6 else f"{name[: -(-len(name) // 2)]}\n{name[-(-len(name) // 2) :]}"


def marks(points: list[Row]) -> list[str]:
    """The marks and flags that stand in a picture, with their meaning."""
    met = dict.fromkeys(point["obs_status"] for point in points)
    known = numbers.MARKS | numbers.FLAGS
    return list(dict.fromkeys(f"{known[status][0]} {known[status][1]}" for status in met if status in known))


def span(points: list[Row], targets: Targets) -> tuple[float, float]:
    """The axis of a trend: all figures, path and targets with some air; counts do not go below zero."""
    heights = [value for one in points for value in (one["value"], one["path_value"]) if value is not None]
    heights += [value for _, value, _ in targets]
    air = (max(heights) - min(heights)) or abs(heights[0]) * 0.05 or 1
    low = min(heights) - 0.15 * air
    return (max(low, 0.0) if min(heights) >= 0 else low), max(heights) + 0.15 * air


def rules(targets: Targets, low: float, high: float) -> list[Row]:
    """The targets from low to high; their words keep a line's distance, so `said_at` may lie above the rule."""
    told: list[Row] = []
    for operator, value, year in sorted(targets, key=lambda one: (one[1], one[2] or 0)):
        at = max(value, told[-1]["said_at"] + (high - low) * LINE) if told else value
        words = chart_words.target(operator, value, year)
        told.append({"value": value, "year": str(year) if year else None, "said": words, "said_at": at})
    return told


def is_said_below(points: list[Row], at: int, targets: Targets, low: float, high: float) -> bool:
    """Whether the figure of a point stands under it: above it a target's rule or the line itself would cross it."""
    value, before = points[at]["value"], points[at - 1]["value"] if at else None
    if value is None:
        return False
    reach = 0.12 * (high - low)
    return any(value < rule < value + reach for _, rule, _ in targets) or (
        before is not None and before > value + reach
    )
