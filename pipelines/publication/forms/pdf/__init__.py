"""The book for print: one PDF/UA-1 file, set by Typst in the one font.

    blocks      what the blocks of a page are
    documents   a document: charts, tables as printed with the year beside them, tasks
    comparisons across documents, consistency, money
    quality     deliveries, refusals, coverage, checks
    statements  cover, methods, changes, imprint, and the order of all
    book.typ    how it looks

The same book and charts give the same bytes. A character that the font lacks, or anything Typst warns of, fails the
build: nobody may find a box where a word should stand.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from pipelines.publication.book import Book
from pipelines.publication.forms.charts import Chart
from pipelines.publication.forms.fonts import FAMILY, font_file, require_glyphs
from pipelines.publication.forms.pdf import documents, statements

TEMPLATE = Path(__file__).parent / "book.typ"


class NotTypeset(RuntimeError):
    """Typst refused or warned; the message is its own."""


def render(book: Book, folder: Path, charts: Mapping[str, Chart]) -> None:
    """Write carestat-<year>-<edition>.pdf."""
    content = content_of(book, charts)
    require_glyphs(*_texts(content), TEMPLATE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        shutil.copyfile(TEMPLATE, root / TEMPLATE.name)
        (root / "book.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for name in _figures(content):
            (root / f"{name}.svg").write_text(charts[name].svg, encoding="utf-8")
        (folder / f"carestat-{book.imprint.name}.pdf").write_bytes(_typeset(root, book))


def content_of(book: Book, charts: Mapping[str, Chart]) -> dict[str, Any]:
    """All that is printed, as the template takes it: facts of the cover, and parts of blocks."""
    imprint = book.imprint
    return {
        "family": FAMILY,
        "title": imprint.title,
        "title_en": imprint.title_en,
        "year": imprint.year,
        "name": imprint.name,
        "date": imprint.released_at[:10],
        "cover": statements.cover(book),
        "parts": [
            *documents.key_points(book),
            *(part for key in book.documents for part in documents.parts(book, key, charts)),
            *statements.parts(book),
        ],
    }


def _typeset(root: Path, book: Book) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_file().parent])
    compiler = typst.Compiler(root / TEMPLATE.name, root=root, font_paths=fonts)
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["ua-1"], timestamp=datetime.fromisoformat(book.imprint.released_at)
        )
    except typst.TypstError as refused:
        raise NotTypeset(refused.diagnostic) from refused
    if warnings:
        raise NotTypeset("\n".join(warning.diagnostic for warning in warnings))
    return pdf


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _figures(content: dict[str, Any]) -> list[str]:
    blocks = [block for part in content["parts"] for block in part["blocks"]]
    return list(dict.fromkeys(block["chart"] for block in blocks if block["kind"] == "figure"))
