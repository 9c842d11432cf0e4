"""A source's file of corrections: its records, and what is wrong with those that cannot be used.

Scalars are taken as they are written, so that 000000 stays a code and 2021-12 a month. A record that is not complete
and readable is never applied and becomes a finding `correction_invalid`; it stops neither the others nor the run. A
file with an identifier, by column or by value, is refused whole: a person's number has no place in reviewed text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts import contract_of

from .cells import folded, read_cell
from .discover import period_bounds
from .masking import masked, masked_code, masked_in

SUFFIX = ".corrections.yml"
FIELDS = frozenset({"match", "column", "from", "to", "reason", "approved_by", "approved_on", "expect"})
NOTHING = frozenset({"", "null", "~"})
#: kind of column → what `to` must be (zh, en)
READABLE = {
    "integer": ("整数", "a whole number"),
    "decimal": ("数", "a number"),
    "boolean": ("“是”或“否”", "是 or 否"),
    "date": ("日期，如 2024-03-05", "a date"),
    "code": ("完整的代码", "a whole code"),
    "region": ("6、9 或 12 位区划代码", "a code of 6, 9 or 12 digits"),
    "band": ("年龄组，如 1-4岁、85岁及以上", "an age band"),
}


class BadRecord(ValueError):
    """A record that cannot be used; the message says why (zh · en), and never what a cell says."""


class Secret(BadRecord):
    """An identifier in a record: the whole file is refused."""


@dataclass(frozen=True)
class Correction:
    """One approved record: the cells it speaks of, what they say and what they should say; None is a blank cell."""

    number: int
    period: str
    supplier: str | None
    match: Mapping[str, str | None]
    column: str
    old: str | None
    new: str | None
    reason: str
    approved_by: str
    approved_on: date | None
    expect: int


@dataclass(frozen=True)
class Corrections:
    """What a source's file holds: usable records, and a finding (as a row of ops.finding) for each that is not."""

    source: str
    records: list[Correction]
    invalid: list[dict[str, Any]]

    def of(self, period: str) -> list[Correction]:
        """The records of one period, in the order of the file."""
        return [correction for correction in self.records if correction.period == period]

    def digest(self, period: str) -> str:
        """Names what the records of one period say; '' when there is none."""
        mine = self.of(period)
        return hashlib.sha256(repr(mine).encode()).hexdigest() if mine else ""

    def left_over(self, periods: Iterable[str]) -> list[dict[str, Any]]:
        """The findings that settling the delivered `periods` does not tell: unusable records, and records of others."""
        settled = set(periods)
        words = "该时期没有交付 · nothing was delivered for this period"
        waiting = [c for c in self.records if c.period not in settled]
        return [*self.invalid, *(note(self.source, "correction_stale", words, c) for c in waiting)]


def file_of(source: str, folder: Path) -> Path:
    """Where the corrections of `source` are written."""
    return folder / f"{source}{SUFFIX}"


def load(source: str, folder: Path) -> Corrections:
    """The corrections of `source`; none where it has no file. Never raises for what a file says."""
    path = file_of(source, folder)
    if not path.exists():
        return Corrections(source, [], [])
    try:
        entries = _entries(path.read_bytes())
    except BadRecord as error:
        return Corrections(source, [], [note(source, "correction_invalid", str(error))])
    contract = contract_of(source)
    records, invalid = [], []
    for number, entry in enumerate(entries, 1):
        try:
            records.append(_record(number, entry, contract))
        except Secret as error:
            words = f"第 {number} 条：{error}；整份未应用 · entry {number}; no record of the file is applied"
            return Corrections(source, [], [note(source, "correction_invalid", words) | _stated(entry, contract)])
        except BadRecord as error:
            words = f"第 {number} 条未应用 · entry {number} is not applied：{error}"
            invalid.append(note(source, "correction_invalid", words) | _stated(entry, contract))
    return Corrections(source, records, invalid)


def unclaimed(folder: Path, sources: Iterable[str]) -> list[dict[str, Any]]:
    """A finding for every file of corrections whose name is no source's."""
    words = "没有这个来源，未应用 · no such source, nothing is applied"
    names = sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))
    return [note(name, "correction_invalid", words) for name in names if name not in set(sources)]


def note(source: str, finding: str, words: str, correction: Correction | None = None) -> dict[str, Any]:
    """One row of ops.finding about a file of corrections, or about one record of it."""
    about = f"第 {correction.number} 条未应用 · entry {correction.number} is not applied：" if correction else ""
    return {
        "path": None,
        "source": source,
        "period": correction.period if correction else None,
        "finding": finding,
        "row_number": None,
        "column": correction.column if correction else None,
        "detail": f"expectations/{source}{SUFFIX}：{about}{words}",
    }


def _entries(content: bytes) -> list[Any]:
    try:
        entries = yaml.load(content.decode("utf-8"), Loader=yaml.BaseLoader) or []
    except (yaml.YAMLError, ValueError) as error:
        place = getattr(error, "problem_mark", None)
        line = f"（第 {place.line + 1} 行 · line {place.line + 1}）" if place else ""
        raise BadRecord(f"不是可读的 YAML · not readable as YAML{line}") from error
    if not isinstance(entries, list):
        raise BadRecord("应为记录的列表 · a list of records is expected")
    return entries


def _stated(entry: Any, contract: Any) -> dict[str, str]:
    """Period and column as an entry that cannot be used states them, for its finding; nothing that it does not say."""
    if not isinstance(entry, dict):
        return {}
    match = entry["match"] if isinstance(entry.get("match"), dict) else {}
    said = {"period": match.get("period"), "column": entry.get("column")}
    return {
        name: masked_in(contract, text)
        for name, text in said.items()
        if isinstance(text, str) and text.strip() not in NOTHING
    }


def _names_a_citizen(entry: dict[str, Any]) -> bool:
    """Whether a person's number stands in free text or in a cell; a register's own codes may look alike."""
    names = [*entry, *entry["match"], entry.get("column")]
    words = json.dumps([*names, entry.get("reason"), entry.get("approved_by")], ensure_ascii=False)
    cells = json.dumps([entry.get("match"), entry.get("from"), entry.get("to")], ensure_ascii=False)
    return masked(words) != words or masked_code(cells, b"") != cells


def _record(number: int, entry: Any, contract: Any) -> Correction:
    from pipelines.contracts.delivery import facts_of

    facts = facts_of(contract)
    if not isinstance(entry, dict) or not isinstance(entry.get("match"), dict):
        raise BadRecord("缺少 match · match is missing")
    match = dict(entry["match"])
    period, supplier, column = match.pop("period", None), match.pop("supplier", None), entry.get("column")
    named = [name for name in (column, *match) if isinstance(name, str)]
    headers = {alias: name for name, of in reversed(facts.items()) if not of.derived_from for alias in of.aliases}
    meant = {name: name if name in facts else headers.get(folded(name)) for name in named}
    if _names_a_citizen(entry) or any(name and facts[name].pii == "identifier" for name in meant.values()):
        raise Secret("不得写证件号、姓名等标识列或其内容 · identifiers may be neither matched nor corrected")
    if unknown := sorted(set(entry) - FIELDS):
        raise BadRecord(f"未知字段 {'、'.join(unknown)} · unknown field")
    for field in ("column", "reason", "approved_by"):
        if not isinstance(entry.get(field), str) or entry[field].strip() in NOTHING:
            raise BadRecord(f"缺少 {field} · {field} is missing")
    if supplier is not None and not re.fullmatch(r"\d{6}", str(supplier)):
        raise BadRecord("supplier 应为 6 位区划代码 · supplier is a six-digit code")
    try:
        period_bounds(contract.period_form, str(period))
    except ValueError as error:
        raise BadRecord("match 须写明本来源的时期 · match names no period of this source's form") from error
    for name in named:
        if name not in facts:
            hint = f"；请写列名 {meant[name]} · write {meant[name]}" if meant[name] else ""
            raise BadRecord(f"没有这一列 · no such column: {name}{hint}")
        if of := facts[name].derived_from:
            raise BadRecord(f"{name} 由 {of} 得出，请改写 {of} · {name} follows from {of}")
    old, new = _cell_text(entry.get("from")), _cell_text(entry.get("to"))
    if old == new:
        raise BadRecord("from 与 to 相同 · from and to are the same")
    _check_readable(facts[column], new)
    return Correction(
        number=number,
        period=str(period),
        supplier=supplier,
        match={name: _cell_text(text) for name, text in match.items()},
        column=column,
        old=old,
        new=new,
        reason=entry["reason"].strip(),
        approved_by=entry["approved_by"].strip(),
        approved_on=_day(entry.get("approved_on")),
        expect=_expected(entry.get("expect", "1")),
    )


def _check_readable(facts: Any, new: str | None) -> None:
    if new is not None and facts.percent_if is not None and new.strip().endswith(("%", "％")):
        # whether a sign is due is known row by row only
        raise BadRecord("to 请写不带百分号的数 · to is a number without a percent sign")
    status = read_cell(new, facts).status
    if status not in (None, "not_applicable"):
        zh, en = READABLE.get(facts.kind, ("文字", "a text"))
        if facts.values:
            zh, en = "、".join(facts.values) + " 之一", "one of the words of its list"
        raise BadRecord(f"to 所写的内容读不成“{facts.title}”（须为{zh}）· to must be {en}")


def _cell_text(text: Any) -> str | None:
    if text is None or (isinstance(text, str) and text.strip() in NOTHING):
        return None
    if not isinstance(text, str):
        raise BadRecord("单元格的值应为文字或数 · a cell is one text or number")
    return text


def _day(text: Any) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise BadRecord("approved_on 应为 YYYY-MM-DD · approved_on is no date") from error


def _expected(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"[1-9]\d{0,6}", text):
        raise BadRecord("expect 应为不小于 1 的行数 · expect is a number of rows, at least 1")
    return int(text)
