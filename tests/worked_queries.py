"""The worked queries of the statisticians' page, as printed: question, SQL, and the rows shown below it.

Also for tests of the SQL server: those marked for it run there word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pipelines.settings import PROJECT

PAGE = PROJECT / "docs" / "sql.md"
SECTION = re.compile(r"^### (\d+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class WorkedQuery:
    """One numbered section of the page. `example` says what data it was run on, if not the shipped deliveries."""

    number: int
    title: str
    runs_on_server: bool
    example: str
    sql: str
    names: list[str]
    shown: list[list[str]]
    total: int

    def as_shown(self, rows: list[tuple[Any, ...]]) -> list[list[str]]:
        """The first rows of a result, written as on the page: NULL is empty."""
        return [["" if cell is None else str(cell) for cell in row] for row in rows[: len(self.shown)]]


def worked_queries() -> list[WorkedQuery]:
    """All of them, in the order of the page."""
    parts = SECTION.split(PAGE.read_text(encoding="utf-8").partition("## 2 ")[2].partition("\n## 3 ")[0])
    return [
        _read(int(number), title, text)
        for number, title, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    ]


def python_snippets() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _read(number: int, title: str, text: str) -> WorkedQuery:
    names, _, *shown = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return WorkedQuery(
        number,
        title,
        "服务器" in _line(text, "适用："),
        _line(text, "例："),
        re.search(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1],
        names,
        shown,
        int(re.search(r"^共 (\d+) 行。$", text, re.MULTILINE)[1]),
    )


def _line(text: str, begin: str) -> str:
    return next((line.removeprefix(begin) for line in text.splitlines() if line.startswith(begin)), "")
