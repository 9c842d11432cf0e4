"""A report as one page that needs nothing else: no script, no font, no picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pipelines.operations.calendar import STATES as DUE_STATES
from pipelines.operations.local_time import local_day, shown
from pipelines.operations.report.content import Report
from pipelines.operations.report.wording import DELIVERY_STATES, STARTED, STATES, lasted, overdue, periods, size, step
from pipelines.publication.numbers import shown as figure

#: rows of a table that a person reads; the JSON has more
READ = 30
TEMPLATE = "page.html"
CHANGES = {"new": "新到", "revised": "修订", "withdrawn": "撤回"}


@cache
def template() -> Template:
    """Compiled once."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"time": shown, "day": local_day, "size": size, "lasted": lasted, "figure": figure}
    return templates.get_template(TEMPLATE)


def page(report: Report) -> str:
    """The page, Chinese, on paper and screen, wide and narrow, light and dark."""
    return template().render(
        report=report,
        read=READ,
        states=STATES,
        started=STARTED,
        due_states=DUE_STATES,
        delivery_states=DELIVERY_STATES,
        kinds=CHANGES,
        by_size=[one for one in report.changed.largest_absolute if one not in report.changed.largest_relative],
        share=share,
        overdue=overdue,
        periods=periods,
        step=step,
    )


def share(part: float | None) -> str:
    """+12.3%, −4.0%; very large ones as a multiple."""
    if part is None:
        return ""
    sign = "+" if part > 0 else "−"
    return f"{sign}{abs(part) * 100:,.1f}%" if abs(part) < 10 else f"{sign}{abs(part):,.0f} 倍"
