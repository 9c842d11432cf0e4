"""The blocks that the template knows. A part is a run of pages of one orientation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.publication.forms.charts import Chart

Block = dict[str, Any]
Part = dict[str, Any]


@dataclass(frozen=True)
class Col:
    """A column of a printed table: heading, relative width, and whether it holds figures (set to the right)."""

    heading: str
    width: float
    is_number: bool = False


def upright(*blocks: Block) -> Part:
    return {"wide": False, "blocks": list(blocks)}


def wide(*blocks: Block) -> Part:
    """Landscape pages, for tables of many columns."""
    return {"wide": True, "blocks": list(blocks)}


def heading(level: int, zh: str, en: str = "") -> Block:
    return {"kind": "heading", "level": level, "zh": zh, "en": en}


def para(zh: str, en: str = "") -> Block:
    return {"kind": "para", "zh": zh, "en": en}


def points(zh: Iterable[str], en: Iterable[str] = ()) -> Block:
    return {"kind": "points", "zh": list(zh), "en": list(en)}


def table(columns: Iterable[Col], rows: Iterable[Iterable[str]]) -> Block:
    """Every cell is text as printed. A table without rows is said to have none: headings over nothing only confuse."""
    cells = [list(row) for row in rows]
    if not cells:
        return para("本版没有这样的行。", "Nothing of this kind in this edition.")
    return {
        "kind": "table",
        "columns": [{"heading": c.heading, "width": c.width, "is_number": c.is_number} for c in columns],
        "rows": cells,
    }


def figure(chart: Chart) -> Block:
    return {"kind": "figure", "chart": chart.name, "alt": chart.alt_zh}


def figures(charts: Mapping[str, Chart], names: Iterable[str]) -> list[Block]:
    return [figure(charts[name]) for name in names if name in charts]
