"""What a long run tells: a line for each event as it happens, a table at the end, and everything as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def keep(path: Path, facts: dict[str, Any]) -> None:
    """Write what is known so far; whoever stops the run keeps it."""
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(facts, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    fresh.replace(path)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A plain table; Chinese characters count as two columns."""
    lines = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(header))]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
