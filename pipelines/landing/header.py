"""Finding the header row and which of its cells are columns of the contract (spec §1 Files)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from .cells import INVISIBLE, SCALES

SEARCHED_ROWS = 20
TRAILING_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]$")
UNIT_IN_HEADER = re.compile(r"(?:单位)?:?([千万亿])(.*)")


class UnparsableHeader(Exception):
    """No usable header; the text says what was looked for (zh · en)."""


@dataclass(frozen=True)
class Header:
    """Where the header is (row index in the grid) and, per contract column, the cell indices that name it."""

    index: int
    width: int
    cells: dict[str, list[int]]
    multipliers: dict[str, Decimal] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()
    #: columns found by the name of a code's words instead of the code
    by_name: frozenset[str] = frozenset()
    #: wide layouts: cell index → the long columns it stands for
    wide: dict[int, dict[str, str]] = field(default_factory=dict)


def header_text(cell: str | None) -> str:
    """A header cell as it is compared: no spaces, no line breaks, half width."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", INVISIBLE.sub("", cell or "")))


@cache
def _names(contract: Any, canonical: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Header text → column, and header text → column whose code is written in words."""
    from pipelines.contracts.delivery import facts_of

    by_alias, by_word = {}, {}
    for name, facts in facts_of(contract).items():
        if facts.derived_from is not None:
            continue
        for alias in (*facts.aliases, *([name] if canonical else [])):
            by_alias[header_text(alias)] = name
        if facts.named_by:
            by_word[header_text(facts.named_by)] = name
    return by_alias, by_word


def find_header(rows: list[list[str | None]], contract: Any, *, canonical: bool) -> Header:
    """The header among the first rows of a grid, long form first, then the contract's wide layout.

    Raises UnparsableHeader when there is none or when a required column is absent from it.
    """
    from pipelines.contracts.delivery import facts_of

    facts = facts_of(contract)
    required = [name for name, column in facts.items() if column.required]
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        header = _match(index, row, contract, canonical)
        found = sum(name in header.cells for name in required)
        if 2 * found >= len(required) and found:
            absent = [facts[name].title for name in required if name not in header.cells]
            if absent and not (wide := _match_wide(index, row, contract)):
                raise UnparsableHeader(f"第{index + 1}行表头缺少列：{'、'.join(absent)} · required columns absent")
            return wide if absent else header
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        if wide := _match_wide(index, row, contract):
            return wide
    titles = "、".join(facts[name].title for name in required)
    raise UnparsableHeader(f"前{SEARCHED_ROWS}行没有可识别的表头，应有：{titles} · no header in the first rows")


def _match(index: int, row: list[str | None], contract: Any, canonical: bool) -> Header:
    from pipelines.contracts.delivery import facts_of

    by_alias, by_word = _names(contract, canonical)
    facts = facts_of(contract)
    cells: dict[str, list[int]] = {}
    multipliers: dict[str, Decimal] = {}
    words: dict[str, int] = {}
    unmatched: dict[int, str] = {}
    for place, cell in enumerate(row):
        text = header_text(cell)
        bare = TRAILING_BRACKET.sub("", text)
        name = by_alias.get(text) or by_alias.get(bare)
        if name is not None:
            cells.setdefault(name, []).append(place)
            if scale := _scale(text, facts[name]):
                multipliers[name] = scale
            continue
        if word := by_word.get(text):
            words.setdefault(word, place)
        if text:
            unmatched[place] = text
    by_name = frozenset(name for name in words if name not in cells)
    for name in by_name:
        cells[name] = [words[name]]
        unmatched.pop(words[name])
    width = max((place + 1 for place, cell in enumerate(row) if header_text(cell)), default=0)
    return Header(index, width, cells, multipliers, tuple(unmatched.values()), by_name)


def _scale(text: str, facts: Any) -> Decimal | None:
    """金额(万元): every cell without a unit of its own counts ten thousands."""
    bracket = TRAILING_BRACKET.search(text)
    if bracket is None or facts.kind not in ("integer", "decimal"):
        return None
    unit = UNIT_IN_HEADER.fullmatch(bracket[1])
    return SCALES[unit[1]] if unit and unit[2] in ("", *facts.units) else None


def _match_wide(index: int, row: list[str | None], contract: Any) -> Header | None:
    layout = contract.wide_layout
    if layout is None:
        return None
    by_alias, _ = _names(contract, False)
    wide, unmatched, key = {}, [], []
    for place, cell in enumerate(row):
        text = header_text(cell)
        if match := next(filter(None, (re.fullmatch(header, text) for header in layout.headers)), None):
            wide[place] = match.groupdict()
        elif by_alias.get(text) == layout.key:
            key.append(place)
        elif text:
            unmatched.append(text)
    if not key or len(wide) < 2:
        return None
    width = max(place + 1 for place, cell in enumerate(row) if header_text(cell))
    return Header(index, width, {layout.key: key}, unmatched=tuple(unmatched), wide=wide)
