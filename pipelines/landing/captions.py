"""What stands above a column: the texts of its header cell or, in a two-row merged header, of both its cells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .cells import INVISIBLE

TRAILING_BRACKET = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]$")
UNIT_TITLE = re.compile(r"^(?:计量)?单位:?")
SCALED = re.compile(r"([十百千万亿]{1,3})(.*)")
DIGITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
PERCENT = frozenset({"%", "百分比", "百分数", "百分点"})
#: other names of a unit
SAME_UNIT = {"m2": "平方米", "平米": "平方米", "㎡": "平方米", "RMB": "元", "人民币": "元", "人民币元": "元"}
#: units of the same things in another measure: never to be read as the column's own
FOREIGN_UNITS = frozenset(
    {"亩", "公顷", "平方公里", "平方千米", "km2", "平方尺", "角", "分", "美元", "港元", "港币", "日元", "欧元", "‰"}
)
#: the part of a spanned column that is the whole
WHOLE = frozenset({"合计", "总计", "共计", "总数", "小计", "总量", "数量", "总"})
DATA = re.compile(r"[+-]?[\d,.]+[%万亿]?|\d{4}[-/.年]\d{1,2}.*|#.+|[√✓×]|[是否有无]|[—–－-]{1,2}|…+|/")


class ForeignUnit(Exception):
    """A header names a unit that the column is not measured in."""


@dataclass(frozen=True)
class Caption:
    """`texts` are what the column may be called, tried in order; `shown` is what the supplier reads."""

    texts: tuple[str, ...]
    shown: str
    #: the text that the unit is taken from
    unit: str = ""
    #: that text stands above other columns as well
    spanning: bool = False


def header_text(cell: str | None) -> str:
    """A header cell as it is compared: no spaces, no line breaks, half width."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", INVISIBLE.sub("", cell or "")))


def without_bracket(text: str) -> str:
    """A header text without its trailing bracket."""
    return TRAILING_BRACKET.sub("", text)


def one_row(row: list[str | None]) -> list[Caption]:
    """The captions of a header that stands in one row."""
    texts = [header_text(cell) for cell in row]
    return [Caption((text, without_bracket(text)), text, text) for text in texts]


def two_rows(upper: list[str | None], lower: list[str | None]) -> list[Caption] | None:
    """The captions of a header merged over two rows (spec §1): joined, lower and upper texts are each tried.

    None where the rows cannot be one header: the lower one holds data, or nothing. An upper text spans the empty cells
    to its right that have a text below; of a span it names only the column whose lower text says nothing else (empty,
    a unit, 合计): a part is never taken for the whole.
    """
    tops = [header_text(cell) for cell in upper]
    bottoms = [header_text(cell) for cell in lower]
    if not any(tops) or not any(bottoms) or any(DATA.fullmatch(text) for text in bottoms):
        return None
    width = max(len(tops), len(bottoms))
    tops += [""] * (width - len(tops))
    bottoms += [""] * (width - len(bottoms))
    spans = _spans(tops, bottoms)
    captions = []
    for place, bottom in enumerate(bottoms):
        top = tops[spans[place]]
        alone = spans.count(spans[place]) == 1
        captions.append(_merged(top, bottom, alone))
    return captions


def _spans(tops: list[str], bottoms: list[str]) -> list[int]:
    """Per column the place of the upper cell that stands above it."""
    spans: list[int] = []
    for place, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
        continued = place and bottom and (not top or top == tops[spans[-1]]) and bottoms[place - 1]
        spans.append(spans[-1] if continued else place)
    return spans


def _merged(top: str, bottom: str, alone: bool) -> Caption:
    if not bottom:
        return Caption((top, without_bracket(top)), top, top)
    if not top:
        return Caption((bottom, without_bracket(bottom)), bottom, bottom)
    bare_top, bare_bottom = without_bracket(top), without_bracket(bottom)
    texts = [top + bottom, bare_top + bare_bottom, bare_bottom + bare_top, bottom, bare_bottom]
    if alone or not bare_bottom or bare_bottom in WHOLE or is_unit(bottom):
        texts += [top, bare_top]
    named = TRAILING_BRACKET.search(bottom) or is_unit(bottom)
    unit = bottom if named else top
    return Caption(tuple(text for text in texts if text), f"{top}/{bottom}", unit, not named and not alone)


def is_unit(text: str) -> bool:
    """True for a text that is only a unit: 张, (万元), 单位:人."""
    from pipelines.contracts.delivery import GENERAL_UNITS

    bare = _unit_of(text) if text[:1] in "([【〔" else UNIT_TITLE.sub("", text)
    scaled = SCALED.fullmatch(bare)
    own = scaled[2] if scaled else bare
    known = {*GENERAL_UNITS, *PERCENT, *SAME_UNIT, *FOREIGN_UNITS, "平方米", "岁", "处", "元/月", "度"}
    return bool(bare) and (own in known or not own)


def is_units(row: list[str | None]) -> bool:
    """True for a row that holds units only: below a header, it belongs to it."""
    texts = [text for text in map(header_text, row) if text]
    return bool(texts) and all(map(is_unit, texts))


def divides(upper: list[str | None], lower: list[str | None], keys: list[int]) -> bool:
    """True where the lower row stands under empty cells of the upper one and leaves out the key columns: no data."""
    tops, bottoms = ([header_text(cell) for cell in row] for row in (upper, lower))
    below_empty = any(bottom and not top for top, bottom in zip(tops, bottoms, strict=False))
    return below_empty and not any(bottoms[place] for place in keys if place < len(bottoms))


def _unit_of(text: str) -> str:
    """The unit that a header text names in its trailing bracket: '' for none."""
    bracket = TRAILING_BRACKET.search(text)
    return UNIT_TITLE.sub("", bracket[1]) if bracket else ""


def scale_of(caption: Caption, facts: Any) -> Decimal | None:
    """金额(万元): every cell without a unit of its own counts ten thousands. None: the column's own unit, or no unit.

    金额(万元) over 数量 and 标准 is the unit of the standard only, which is money too.
    Raises ForeignUnit for a unit of another measure, and for a scaled unit that is not the column's.
    """
    if facts.kind not in ("integer", "decimal"):
        return None
    unit_text = caption.unit
    unit = _unit_of(unit_text) or (unit_text if is_unit(unit_text) else "")
    own = {*facts.units, *(name for name, same in SAME_UNIT.items() if same in facts.units)}
    percent = facts.unit == "%" or facts.percent_if is not None
    if unit in PERCENT and not percent:
        raise ForeignUnit(unit)
    if unit in own or unit in PERCENT:
        return None
    scaled = SCALED.fullmatch(unit)
    of_money = any(measure.startswith("元") for measure in (facts.unit, *facts.more_units))
    if scaled and not of_money and SAME_UNIT.get(scaled[2], scaled[2]) == "元":
        if caption.spanning:
            return None
        raise ForeignUnit(unit)
    if scaled is None or scaled[2] not in {*own, ""}:
        # a rate, or tens of thousands of something else, would pass for the column's own unit
        if unit in FOREIGN_UNITS or unit.startswith("元/") or (scaled and re.search("[万亿]", scaled[1])):
            raise ForeignUnit(unit)
        return None
    scale = Decimal(1)
    for digit in scaled[1]:
        scale *= DIGITS[digit]
    return scale
