"""How an indicator is computed, in words: its formula with the names of its measures."""

from __future__ import annotations

import re

from markupsafe import Markup

from pipelines.dictionary.wording import Speaker, word
from pipelines.publication import numbers
from pipelines.publication.book import Book

from .lookup import Row

#: what is judged of each unit, within the formula of a threshold share
_PER_UNIT = re.compile(r"units with \((.*)\) (?:>=|<=|>|<) ")


def in_words(book: Book, definition: Row, measures: list[tuple[str, Row]]) -> Markup:
    """The formula of a definition; `measures` are its measures by part."""
    kind = definition["kind"]
    if kind == "milestone":
        return Markup("任务台账中本地区自己的里程碑：完成为 1，未完成为 0")
    if kind == "life_table":
        return Markup("由年平均人口和死亡人数编制简略生命表，取出生时预期寿命")
    if kind == "threshold_share":
        return _threshold_share(book, definition)
    share = _share(definition, {part: measure["measure_name"] for part, measure in measures})
    if kind == "difference":
        other = word("compared_with", definition["compared_with"])
        return Markup("本地 {}，减去{}的同一指标；各取两位小数后相减").format(share, other)
    return Markup("{}").format(share)


def _share(definition: Row, names: dict[str, str]) -> str:
    over = names.get("分子", "")
    if "分子另加" in names:
        over = f"（{over} + {names['分子另加']}）"
    share = f"{over} ÷ {names['分母']}" if "分母" in names else over
    return share if definition["multiplier"] == 1 else f"{share} × {definition['multiplier']:g}"


def _threshold_share(book: Book, definition: Row) -> Markup:
    """What is asked of each unit; a variant puts its own measure in place of the default's."""
    default = book.definitions[definition["indicator_key"], "default"]
    found = _PER_UNIT.match(definition["formula"])
    judged = found[1] if found and default["kind"] == definition["kind"] else definition["numerator_measure"]
    judged = re.sub(rf"\b{default['numerator_measure']}\b", definition["numerator_measure"], judged)
    judged = re.sub(r"\b(\d+)\.0\b", r"\1", judged)
    return Markup("逐个判断（{}）：{} {} {}；达到的个数 ÷ 有数的个数 × 100").format(
        word("level", definition["threshold_unit"]),
        Speaker(lambda column: _named(book, column), lambda column, code: word("level", code)).say(judged),
        word("operator", definition["threshold_operator"]),
        numbers.plain(definition["threshold_value"]),
    )


def _named(book: Book, column: str) -> Markup:
    if column == "level":
        return Markup("层级")
    return Markup("{}").format(book.measures[column]["measure_name"] if column in book.measures else column)
