"""Templates and what they may call: words for codes, shown figures, inline charts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.publication import numbers, wording
from pipelines.publication.book import COLUMNS

from .links import Links, raised, told
from .lookup import Lookup, Row
from .page import Page

if TYPE_CHECKING:
    from pipelines.publication.forms.charts import Chart

#: the navigation: page → its name
SECTIONS = {
    "index.html": ("首页", "Start"),
    "indicators/index.html": ("指标", "Indicators"),
    "regions/index.html": ("地区", "Regions"),
    "crosswalk.html": ("跨文件对照", "Across documents"),
    "consistency.html": ("目标核对", "Consistency"),
    "money.html": ("补贴与资金", "Money"),
    "quality.html": ("数据质量", "Quality"),
    "methods.html": ("方法", "Methods"),
    "changes.html": ("变动", "Changes"),
    "downloads.html": ("下载", "Downloads"),
}
_ID = re.compile(r'\b(id="|xlink:href="#|href="#|url\(#)([^")]+)')

#: Vega names each group of marks, without words of its own; the picture as a whole has them
_PART = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')


class Renderer:
    """Pages of one site as HTML."""

    def __init__(self, look: Lookup) -> None:
        self._look = look
        self._environment = _environment()
        self._links = {root: Links(look, root) for root in ("", "../")}
        book = look.book
        self._environment.globals |= {
            "imprint": book.imprint,
            "caution": book.caution,
            "sections": SECTIONS,
            "charts": look.charts,
            "indicators": look.indicators,
            "figures": look.figures,
            "governed": look.governed,
            "beneath": look.beneath,
            "children": look.children,
            "documents": book.documents,
            "sources": look.sources,
            "delivered": look.delivered,
            "names_en": {key: rows[0]["indicator_name_en"] for key, rows in look.indicators.items()},
            "parents": {
                code: book.regions.get(row["parent_code"], {}).get("region_name", "")
                for code, row in book.regions.items()
            },
            "yearly": self._yearly,
            "subsidies": look.rows("subsidies"),
            "beneficiaries": look.rows("beneficiaries"),
            "funds": look.rows("funds"),
        }

    def html(self, page: Page) -> str:
        template = self._environment.get_template(page.template)
        return template.render(page=page, to=self._links[page.root], **page.content)

    def _yearly(self, row: Row) -> dict[str, Row]:
        """Period → the year of a row of a document."""
        years = self._look.progress.get((row["document_key"], row["table_key"], row["row_no"]), ())
        return {year["period"]: year for year in years}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "zh_word": wording.zh,
        "en_word": wording.en,
        "shown": _shown,
        "counted": _counted,
        "plain": numbers.plain,
        # counts of rows are hidden where rows are persons
        "rows": lambda count: numbers.shown(count, 0, "Q"),
        "brief": _brief,
        "lines": lambda text: Markup("<br>").join(text.split("\n")),
        "money": lambda value: numbers.shown(value, 2),
        "percent": lambda share: numbers.shown(None if share is None else share * 100, 0),
        # a row that came or went is told as one
        "column_zh": lambda name: COLUMNS[name].zh if name in COLUMNS else "整行",
        "raised": raised,
        "svg": inline,
    }
    return environment


def _shown(value: float | None, decimals: int | None, status: str | None = None) -> Markup:
    return told(numbers.shown(value, decimals, status), status)


def _brief(value: float | None) -> str:
    """A quotient of printed figures: four places at most, as many as say it."""
    return numbers.plain(None if value is None else float(numbers.rounded(value, 4)))


def _counted(value: float | None, status: str | None) -> Markup:
    """A numerator or denominator; without one, the mark of the figure's status if that has one."""
    return escape(numbers.plain(value) if value is not None else numbers.shown(None, 0, status))


def inline(chart: Chart, name: str) -> Markup:
    """A chart within a page, its ids kept apart from those of other charts; it carries its own words."""
    return Markup(_ID.sub(rf"\g<1>{name}-\g<2>", _PART.sub("", chart.svg)))
