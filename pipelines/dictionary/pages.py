"""The pages: templates filled in, each self-contained (style and script inside), readable without a server."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.contracts import CONTRACTS
from pipelines.settings import PROJECT

from . import inventory
from .entries import Entries
from .models import Models
from .printed import document_tables
from .registry import Registry
from .wording import WORDS, word

FOLDER = PROJECT / "docs" / "dictionary"

#: page → its title, in the order of the navigation
TITLES = {
    "index": "数据字典",
    "indicators": "指标",
    "measures": "度量",
    "sources": "来源与列",
    "documents": "文件与条款",
    "tables": "发布的表",
}

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[A-Za-z]+ [A-Za-z]+")


def language(text: str) -> str:
    """'en' for words without any Chinese, so that a screen reader pronounces them; codes and numbers are no words."""
    return "en" if _SENTENCE.search(text or "") and not _CHINESE.search(text) else "zh-CN"


def breakable(code: str) -> Markup:
    """A code that may be broken at its underscores and bars, not within a word."""
    return Markup(re.sub(r"([_|])", r"\1<wbr>", str(escape(code))))


def grouped(entries: list[dict[str, Any]], by: str) -> dict[str, list[dict[str, Any]]]:
    """Entries by a value they hold, groups in the order of first appearance."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(entry[by], []).append(entry)
    return groups


def pages(project: Path) -> dict[str, str]:
    """File name → HTML of every page, for a dbt project folder. Same inputs, same bytes."""
    registry = Registry(project)
    models = Models(project)
    entries = Entries(registry, models, CONTRACTS)
    content = {
        "indicators": entries.indicators,
        "measures": entries.measures,
        "uses_of_measure": entries.uses_of_measure,
        "sources": inventory.sources(entries, registry, CONTRACTS),
        "documents": entries.documents,
        "tables": sorted([*registry.tables, *document_tables(models, registry)], key=lambda table: table["schema"]),
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {column: partial(word, column) for column in WORDS}
    environment.filters |= {"language": language, "breakable": breakable}
    environment.globals |= {"grouped": grouped, "titles": TITLES}
    return {
        f"{page}.html": _tidy(environment.get_template(f"{page}.html").render(page=page, **content)) for page in TITLES
    }


def _tidy(html: str) -> str:
    """Without trailing blanks and blank lines, so that a change of the registry is all that a diff shows."""
    return "\n".join(line.strip() for line in html.splitlines() if line.strip()) + "\n"
