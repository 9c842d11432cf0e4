"""Finding the header row and which of its cells are columns of the contract (spec §1 Files)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from .captions import Caption, ForeignUnit, divides, header_text, is_units, one_row, scale_of, two_rows
from .cells import BLANKS

SEARCHED_ROWS = 20
#: columns that only an answer to a supplier has: delivered back, it would replace every row that had landed
ANSWER_COLUMNS = frozenset({"原文件行号", "拒收原因"})
#: how the complaint about a header begins that was found, but without a required column
LACKS_COLUMNS = "表头缺必填列"
IS_ANSWER = "这是拒收答复，不是报表：请在原文件中改正后整份重报"
#: how alike a header must be to a name of the contract to be asked about
ALIKE = 0.6
#: header texts that are repeated to a supplier whose columns are not found
SHOWN = 30


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
    #: 2 where merged headings stand above the columns' own
    rows: int = 1
    #: the upper row of a merged header, as written
    upper: tuple[str, ...] = ()
    #: columns that are not read because their header names another unit → that header
    foreign_units: dict[str, str] = field(default_factory=dict)


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


def find_header(
    rows: list[list[str | None]], contract: Any, *, canonical: bool, lines: Sequence[int] | None = None
) -> Header:
    """The header among the first rows of a grid, long form first, then the contract's wide layout.

    `lines` are the physical numbers of the rows, where they are not 1, 2, 3, …
    Raises UnparsableHeader when there is none or when a required column is absent from it.
    """
    from pipelines.contracts.delivery import facts_of

    facts = facts_of(contract)
    required = [name for name, column in facts.items() if column.required]
    if any({header_text(cell) for cell in row} >= ANSWER_COLUMNS for row in rows[:SEARCHED_ROWS]):
        raise UnparsableHeader(f"{IS_ANSWER} · this is the answer to a refusal, deliver the mended original")
    for index in range(min(SEARCHED_ROWS, len(rows))):
        header = _one_or_two(index, rows, contract, canonical)
        found = sum(name in header.cells for name in required)
        if 2 * found >= len(required) and found:
            absent = [name for name in required if name not in header.cells]
            if absent and not (wide := _match_wide(index, rows[index], contract)):
                line = lines[index] if lines else index + 1
                raise UnparsableHeader(_absent(line, absent, header, facts))
            return wide if absent else header
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        if wide := _match_wide(index, row, contract):
            return wide
    titles = "、".join(facts[name].title for name in required)
    nearest = _nearest(rows, contract, lines)
    raise UnparsableHeader(
        f"前{SEARCHED_ROWS}行没有可识别的表头，应有：{titles}{nearest} · no header in the first rows"
    )


def _one_or_two(index: int, rows: list[list[str | None]], contract: Any, canonical: bool) -> Header:
    """The header in row `index` alone, or merged with the row below where both together name more columns than either.

    A row of units, and one that only divides upper cells, are of the header, though they name nothing more: read alone,
    the upper text would stand for its first part.
    """
    from pipelines.contracts.delivery import facts_of

    one = _match(index, one_row(rows[index]), contract, canonical)
    captions = two_rows(rows[index], rows[index + 1]) if index + 1 < len(rows) else None
    if captions is None:
        return one
    two = replace(
        _match(index, captions, contract, canonical),
        rows=2,
        upper=tuple((cell or "").strip(BLANKS) for cell in rows[index]),
    )
    below = _match(index + 1, one_row(rows[index + 1]), contract, canonical)
    if is_units(rows[index + 1]) and one.cells.keys() <= two.cells.keys() | two.foreign_units.keys():
        return two
    keys = [one.cells[name][0] for name, facts in facts_of(contract).items() if facts.key and name in one.cells]
    if keys and divides(rows[index], rows[index + 1], keys):
        return two
    return two if len(two.cells) > max(len(one.cells), len(below.cells)) else one


def _match(index: int, captions: list[Caption], contract: Any, canonical: bool) -> Header:
    from pipelines.contracts.delivery import facts_of

    by_alias, by_word = _names(contract, canonical)
    facts = facts_of(contract)
    cells: dict[str, list[int]] = {}
    multipliers: dict[str, Decimal] = {}
    words: dict[str, int] = {}
    unmatched: dict[int, str] = {}
    foreign: dict[str, str] = {}
    for place, caption in enumerate(captions):
        name = next((by_alias[text] for text in caption.texts if text in by_alias), None)
        if name is not None:
            try:
                scale = scale_of(caption, facts[name])
            except ForeignUnit:
                # read, it would land in the wrong unit
                foreign[name] = unmatched[place] = caption.shown
                continue
            cells.setdefault(name, []).append(place)
            if scale:
                multipliers[name] = scale
            continue
        if word := next((by_word[text] for text in caption.texts if text in by_word), None):
            words.setdefault(word, place)
        if caption.shown:
            unmatched[place] = caption.shown
    by_name = frozenset(name for name in words if name not in cells)
    for name in by_name:
        cells[name] = [words[name]]
        unmatched.pop(words[name])
    width = max((place + 1 for place, caption in enumerate(captions) if caption.shown), default=0)
    return Header(index, width, cells, multipliers, tuple(unmatched.values()), by_name, foreign_units=foreign)


def _absent(line: int, absent: list[str], header: Header, facts: dict[str, Any]) -> str:
    """Which required columns a header lacks, what it has instead, and what may be meant."""
    lacking = []
    for name in absent:
        title = facts[name].title
        if name in header.foreign_units:
            lacking.append(f"{title}（“{header.foreign_units[name]}”的单位不是“{facts[name].unit}”，请换算）")
        elif near := _alike(header.unmatched, facts[name].aliases):
            lacking.append(f"{title}（表中“{near}”是否即“{title}”？）")
        else:
            lacking.append(title)
    found = "、".join(facts[name].title for name in header.cells)
    others = f"；未识别：{'、'.join(header.unmatched[:SHOWN])}" if header.unmatched else ""
    return f"{LACKS_COLUMNS}（第{line}行）：{'、'.join(lacking)}；已识别：{found}{others} · required columns absent"


def _alike(texts: Iterable[str], aliases: tuple[str, ...]) -> str:
    """The header text that is most like a name of a column; '' for none that is like it."""
    pairs = [(SequenceMatcher(None, text, header_text(alias)).ratio(), text) for text in texts for alias in aliases]
    likeness, text = max(pairs, default=(0.0, ""))
    return text if likeness >= ALIKE else ""


def _nearest(rows: list[list[str | None]], contract: Any, lines: Sequence[int] | None) -> str:
    """The row that has most of the names, if any has one: what was found there."""
    headers = [_match(index, one_row(row), contract, False) for index, row in enumerate(rows[:SEARCHED_ROWS])]
    best = max(headers, key=lambda header: len(header.cells), default=None)
    if best is None or not best.cells:
        return ""
    from pipelines.contracts.delivery import facts_of

    found = "、".join(facts_of(contract)[name].title for name in best.cells)
    return f"；第{lines[best.index] if lines else best.index + 1}行只有：{found}"


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
