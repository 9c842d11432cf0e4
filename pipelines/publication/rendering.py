"""The forms of an edition in their order, and what they share: charts are drawn once for site and PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipelines.publication.book import Book

#: writes its files below the edition's folder and reads nothing but the book
Form = Callable[[Book, Path], None]


class FormFailed(Exception):
    """A form could not be made."""

    def __init__(self, name: str, broken: Exception) -> None:
        super().__init__(f"成品 {name} 未能做成 · could not be made: {broken}")


def forms() -> list[tuple[str, Form]]:
    """Each form by its name. Their libraries are loaded here, not before: they take seconds."""
    from pipelines.publication.forms import open_data, pdf, sdmx, site, workbook
    from pipelines.publication.forms.charts import Chart, charts

    drawn: dict[str, Chart] = {}

    def draw(book: Book, _: Path) -> None:
        drawn.update(charts(book))

    return [
        ("open_data", open_data.render),
        ("sdmx", sdmx.render),
        ("workbook", workbook.render),
        ("charts", draw),
        ("site", partial(site.render, charts=drawn)),
        ("pdf", partial(pdf.render, charts=drawn)),
    ]


def render(name: str, form: Form, book: Book, folder: Path) -> None:
    """Raises FormFailed; what the system says of disk and folders stays an OSError."""
    try:
        form(book, folder)
    except OSError:
        raise
    except Exception as broken:
        raise FormFailed(name, broken) from broken
