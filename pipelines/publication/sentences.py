"""What the summary says, each sentence bound to the cells it speaks of: no figure is typed, none stands alone.

A sentence is made of text and of cells. A cell names where it comes from: a column of a row of a published table, a
count of rows, or the rounded difference of two cells; `Cell.text` is what `resolve` gives for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.publication import numbers, wording
from pipelines.publication.book import Book

Row = dict[str, Any]

GOOD, BAD = ("ACHIEVED", "MET", "ON_TRACK"), ("MISSED", "NOT_MET", "ACCELERATE", "LIMITED", "DETERIORATED")
#: rows that ask for something; what a document merely states is no target
ASKING = ("indicator", "target", "one_off_count", "funding", "standing_rule")


@dataclass(frozen=True)
class Cell:
    """A figure within a sentence, and where it stands: 'document_rows/plan/annex_1/5/actual_value', or a count
    of rows: 'count/plan/annex_1/ACHIEVED|MET' (table '*' for all)."""

    text: str
    source: str


Part = str | Cell


@dataclass(frozen=True)
class Sentence:
    """One sentence in two languages; `zh_parts` and `en_parts` keep the cells apart from the words."""

    zh_parts: tuple[Part, ...]
    en_parts: tuple[Part, ...]

    @property
    def zh(self) -> str:
        return _joined(self.zh_parts)

    @property
    def en(self) -> str:
        return _joined(self.en_parts)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(part for part in (*self.zh_parts, *self.en_parts) if isinstance(part, Cell))


def _joined(parts: Iterable[Part]) -> str:
    return "".join(part.text if isinstance(part, Cell) else part for part in parts)


def resolve(book: Book, source: str) -> str:
    """The text of a cell by its source alone. Raises KeyError where the book has no such cell."""
    kind, document, table, what, *column = source.split("/")
    rows = book.rows("document_rows", document_key=document)
    if kind == "count":
        wanted = what.split("|")
        kept = [row for row in rows if table in ("*", row["table_key"]) and row["row_kind"] in ASKING]
        return str(sum(1 for row in kept if wanted == [""] or row["status"] in wanted))
    row = next((row for row in rows if row["table_key"] == table and row["row_no"] == int(what)), None)
    if row is None:
        raise KeyError(source)
    return _text(row, column[0])


def _text(row: Row, column: str) -> str:
    if column == "change":
        return _plain(abs(_change(row)))
    if column == "actual_value":
        return numbers.against(row["actual_value"], row["decimals"], row["target_value"], row["obs_status"])
    if column == "still_needed":
        return numbers.plain(row["still_needed"])
    if column == "too_many":
        return numbers.plain(-row["still_needed"])
    return str(row[column])


def _change(row: Row) -> Decimal:
    """Actual less printed baseline, of rounded figures (spec §3: gaps subtract what is shown)."""
    return numbers.rounded(row["actual_value"], row["decimals"] or 0) - Decimal(repr(row["baseline_value"]))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _cell(row: Row, column: str) -> Cell:
    source = f"document_rows/{row['document_key']}/{row['table_key']}/{row['row_no']}/{column}"
    return Cell(_text(row, column), source)


def summary(book: Book, document_key: str) -> list[Sentence]:
    """What a reader must know of a document in the year: how many of its demands are met, and which are not."""
    rows = [row for row in book.rows("document_rows", document_key=document_key) if row["row_kind"] in ASKING]
    table = next((row["table_key"] for row in rows if row["row_kind"] == "indicator"), "*")
    said = [_counts(book, document_key, "*")]
    if table != "*":
        said.append(_counts(book, document_key, table))
    main = [row for row in rows if table in ("*", row["table_key"])]
    missed = [row for row in main if row["status"] in BAD]
    said += [sentence for row in sorted(missed, key=_distance) for sentence in [row_sentence(book, row)] if sentence]
    risen = [row for row in main if row["status"] in GOOD and _is_compared(row) and _change(row) != 0]
    said += [row_sentence(book, row) for row in sorted(risen, key=_gain)[:3]]
    return said


def row_sentence(book: Book, row: Row) -> Sentence:
    """What one row of a document came to: the figure, the way from its printed baseline, the target, the verdict."""
    year = row["actual_period"] or book.imprint.year
    # quotation marks within quotation marks are single ones (GB/T 15834)
    name_zh = "“" + row["label"].strip().replace("“", "‘").replace("”", "’") + "”"
    name_en = _english(book, row)
    if row["obs_status"] == "Q":
        return Sentence((name_zh, "的本年数涉及人数过少，不公布。"), (name_en, ": not published, too few persons."))
    if _is_milestone(book, row):
        done_zh, done_en = wording.zh("status", row["status"]), wording.en("status", row["status"]).lower()
        target = _cell(row, "target_printed")
        return Sentence(
            (f"{name_zh}：目标为", target, f"，至{year}年{done_zh}。"),
            (f"{name_en} (", target, f"): {done_en} by {year}."),
        )
    if row["actual_value"] is None:
        return Sentence((name_zh, "本年无数，不能评价。"), (name_en, ": no figure this year."))
    unit_zh = _unit(row)
    zh: list[Part] = [f"{name_zh}{year}年为", _cell(row, "actual_value"), unit_zh]
    en: list[Part] = [f"{name_en} stood at ", _cell(row, "actual_value"), _unit_en(unit_zh), f" in {year}"]
    if row["compare_to"] == "extreme":
        zh, en = _weakest(row, name_zh, name_en, year)
    elif _is_compared(row):
        change = _change(row)
        points = "个百分点" if unit_zh == "%" else unit_zh
        if change == 0:
            zh += ["，与印载的", _cell(row, "baseline_printed"), "持平"]
            en += [", unchanged from the printed ", _cell(row, "baseline_printed")]
        else:
            zh += [
                "，比印载的",
                _cell(row, "baseline_printed"),
                "提高" if change > 0 else "降低",
                _cell(row, "change"),
                points,
            ]
            points_en = " percentage points" if unit_zh == "%" else _unit_en(unit_zh)
            en += [", ", _cell(row, "change"), f"{points_en} ", "above" if change > 0 else "below"]
            en += [" the printed ", _cell(row, "baseline_printed")]
    if row["target_printed"]:
        zh += ["；目标为", _cell(row, "target_printed")]
        en += ["; the target is ", _cell(row, "target_printed")]
    zh += ["，", wording.zh("status", row["status"])]
    en += [": ", wording.en("status", row["status"]).lower()]
    if row["status"] in BAD and row["still_needed"]:
        # below an upper limit nothing is lacking: what is beyond it has to go
        is_beyond = row["still_needed"] < 0
        cell = _cell(row, "too_many" if is_beyond else "still_needed")
        zh += ["，须减少" if is_beyond else "，尚差", cell, row["still_needed_unit"] or ""]
        en += [", ", cell, " too many" if is_beyond else " more needed"]
    return Sentence((*zh, "。"), (*en, "."))


def _weakest(row: Row, name_zh: str, name_en: str, year: str) -> tuple[list[Part], list[Part]]:
    """A demand on every unit: what the weakest has, and how many units meet it."""
    unit = _unit(row)
    zh: list[Part] = [f"{name_zh}{year}年最弱的单位为", _cell(row, "actual_value"), unit]
    en: list[Part] = [f"{name_en}: the weakest unit had ", _cell(row, "actual_value"), _unit_en(unit), f" in {year}"]
    if row["units_known"]:
        zh += ["，", _cell(row, "units_known"), "个单位中", _cell(row, "units_met"), "个达到"]
        en += [", ", _cell(row, "units_met"), " of ", _cell(row, "units_known"), " units meet the demand"]
    return zh, en


def _is_milestone(book: Book, row: Row) -> bool:
    definition = book.definitions.get((row["indicator_key"], row["variant"]))
    return bool(definition) and definition["kind"] == "milestone"


def _counts(book: Book, document: str, table: str) -> Sentence:
    def count(statuses: str) -> Cell:
        source = f"count/{document}/{table}/{statuses}"
        return Cell(resolve(book, source), source)

    year = book.imprint.year
    where_zh = "全文" if table == "*" else "所附指标表"
    where_en = "The whole document" if table == "*" else "Its table of indicators"
    good, bad = count("|".join(GOOD)), count("|".join(BAD))
    zh: list[Part] = [f"{where_zh}提出", count(""), f"项要求：至{year}年，", good, "项已达到、符合或进展顺利，", bad]
    zh += ["项未达到、不符合或落后于路径"]
    en: list[Part] = [f"{where_en} makes ", count(""), f" demands. By {year}, met or on track: ", good]
    en += ["; missed or behind their path: ", bad]
    for status, zh_end, en_name in (
        ("NOT_ASSESSABLE", "项不能评价", "; not assessable: "),
        ("NOT_PUBLISHED", "项因人数过少不公布", "; not published, too few persons: "),
    ):
        cell = count(status)
        if cell.text != "0":
            zh += ["，", cell, zh_end]
            en += [en_name, cell]
    return Sentence((*zh, "。"), (*en, "."))


def _is_compared(row: Row) -> bool:
    """Whether the figure may be set beside the printed baseline: both are there, and both speak of the value."""
    return row["baseline_value"] is not None and row["actual_value"] is not None and row["row_kind"] == "indicator"


def _distance(row: Row) -> tuple[float, int]:
    """Furthest from the target first: by the share of the target that is missing."""
    if row["actual_value"] is None or not row["target_value"]:
        return (0.0, row["row_no"])
    return (-abs(row["target_value"] - row["actual_value"]) / abs(row["target_value"]), row["row_no"])


def _gain(row: Row) -> tuple[float, int]:
    base = row["baseline_value"]
    return (-float(abs(_change(row))) / abs(base) if base else 0.0, row["row_no"])


def _unit(row: Row) -> str:
    """The unit as it follows a figure: '%' and counters close up, composed ones are left to the label."""
    unit = row["unit"] or ""
    return "" if "/" in unit else unit


def _unit_en(unit: str) -> str:
    return unit if unit in ("", "%") else f" ({unit})"


def _english(book: Book, row: Row) -> str:
    definition = book.definitions.get((row["indicator_key"], row["variant"]))
    return (definition and definition["indicator_name_en"]) or row["indicator_key"]
