"""The static site: pages that need no server and no network, and open from a USB stick.

A page module says which pages there are and gathers what each shows; its template says how. Every figure is a link to
its entry on a trace page. The same book and charts give the same bytes.

lookup        the book as pages look things up
links         addresses, and figures as links
page          what a page is
documents · indicators · regions · traces · statements    the pages
rendering     templates, filters, inline charts
search_index  what the search finds
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publication.book import Book

from . import documents, indicators, regions, search_index, statements, traces
from .lookup import Lookup
from .page import Page
from .rendering import Renderer

if TYPE_CHECKING:
    from pipelines.publication.forms.charts import Chart

ASSETS = Path(__file__).parent / "assets"


def render(book: Book, folder: Path, charts: dict[str, Chart]) -> None:
    """Write the whole site below `folder`; its start page is index.html."""
    look = Lookup(book, charts)
    renderer = Renderer(look)
    letters: set[str] = set()
    told: list[Page] = []
    for page in _pages(look):
        html = renderer.html(page)
        letters.update(html)
        _write(folder / page.path, html)
        told.append(Page(page.path, page.template, page.title, page.title_en))
    script = search_index.script(look, told)
    letters.update(script)
    _write(folder / "assets" / "search-index.js", script)
    for asset in ("site.css", "site.js"):
        text = (ASSETS / asset).read_text(encoding="utf-8")
        letters.update(text)
        _write(folder / "assets" / asset, text)
    _write_font(folder / "assets", letters)


def _pages(look: Lookup) -> Iterator[Page]:
    for module in (documents, indicators, regions, statements, traces):
        yield from module.pages(look)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_font(folder: Path, letters: set[str]) -> None:
    """The font for readers whose system has no Chinese one, with its licence."""
    from pipelines.publication.forms.fonts import licence, subset_woff2

    (folder / "NotoSansSC.woff2").write_bytes(subset_woff2("".join(sorted(letters))))
    (folder / "NotoSansSC.OFL.txt").write_bytes(licence().read_bytes())
