"""The delivery calendar as it is written: expectations/delivery_calendar.csv (docs/operations/report.md)."""

from __future__ import annotations

import csv
import io
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipelines.contracts import SOURCES, contract_of
from pipelines.landing.discover import FORM_EXAMPLES, period_bounds

FILE = "delivery_calendar.csv"
COLUMNS = (
    "source", "supplier", "months", "due_months", "due_day", "grace_days", "first_period", "last_period", "note",
)  # fmt: skip
FORMS = {4: "year", 7: "month", 10: "snapshot"}
SUPPLIER = re.compile(r"(?P<code>\d{6})(?:/(?P<level>province|prefecture|county))?", re.ASCII)


class CalendarInvalid(Exception):
    """A row of the calendar cannot be read; the text names it (zh · en)."""


@dataclass(frozen=True)
class Row:
    """One row of the file. `due` is (months after the period's last one, day of that month), None: nothing is due."""

    line: int
    source: str
    code: str
    level: str | None
    months: frozenset[int]
    due: tuple[int, int] | None
    grace: int
    first: str
    last: str | None

    def is_in_force(self, period: str) -> bool:
        return self.first <= period and (self.last is None or period <= self.last)


def read(path: Path) -> list[Row]:
    """The calendar's rows; none where there is no such file. Raises CalendarInvalid."""
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise CalendarInvalid(f"{FILE} 请另存为 CSV UTF-8 · not UTF-8") from wrong
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CalendarInvalid(f"{FILE} 的列应为 {','.join(COLUMNS)} · wrong columns")
    rows = []
    for row in reader:
        cells = {name: str(cell).strip() for name, cell in row.items()}
        try:
            rows += [_row(reader.line_num, cells)] if any(cells.values()) else []
        except ValueError as wrong:
            raise CalendarInvalid(f"{FILE} 第 {reader.line_num} 行：{wrong}") from wrong
    return rows


def _row(line: int, row: dict[str, str]) -> Row:
    """Raises ValueError, told to whoever wrote the row."""
    if row["source"] not in SOURCES:
        raise ValueError(f"没有来源 {row['source']} · no such source")
    supplier = SUPPLIER.fullmatch(row["supplier"])
    if supplier is None:
        raise ValueError(f"报送单位 {row['supplier']} 应为六位代码，或 代码/county · no such supplier")
    form = contract_of(row["source"]).period_form
    first, last = row["first_period"], row["last_period"] or None
    for period in (first, last or first):
        try:
            period_bounds(form, period)
        except ValueError as wrong:
            raise ValueError(f"时期 {period} 应写成 {FORM_EXAMPLES[form]} · wrong period") from wrong
    due = (_number(row, "due_months", 36), _number(row, "due_day", 31)) if row["due_day"] else None
    if due and due[1] < 1:
        raise ValueError("due_day 应在 1 到 31 之间 · no such day")
    grace = _number(row, "grace_days", 366) if row["grace_days"] else 0
    months = _months(row["months"])
    if len(first) == 10 and due and not row["months"]:
        raise ValueError("快照须写 months（截至哪几个月末）· a snapshot needs its months")
    return Row(line, row["source"], supplier["code"], supplier["level"], months, due, grace, first, last)


def _number(row: dict[str, str], column: str, most: int) -> int:
    if not re.fullmatch(r"\d{1,3}", row[column], re.ASCII) or int(row[column]) > most:
        raise ValueError(f"{column} 应为 0 到 {most} 的整数 · no such number")
    return int(row[column])


def _months(text: str) -> frozenset[int]:
    """1-11 or 3,6,9,12; nothing is every month. Raises ValueError."""
    if not text:
        return frozenset(range(1, 13))
    months: set[int] = set()
    for part in text.split(","):
        start, _, end = part.strip().partition("-")
        if not (start.isdecimal() and (end or start).isdecimal()):
            raise ValueError(f"months {text} 应写成 12、1-11 或 3,6,9,12 · no months")
        months |= set(range(int(start), int(end or start) + 1))
    if not months <= set(range(1, 13)):
        raise ValueError(f"months {text} 应在 1 到 12 之间 · no such month")
    return frozenset(months)


def periods(row: Row, today: date) -> Iterator[tuple[date, date]]:
    """The periods of a row that have ended before `today`: first and last day. A snapshot's period begins after the one
    before it ended: any snapshot in between answers."""
    form = FORMS[len(row.first)]
    months = {12} if form == "year" else row.months
    year, month = int(row.first[:4]), int(row.first[5:7] or 1)
    start = date(year, 1, 1) if form != "month" else date(year, month, 1)
    while (end := last_day(year, month)) < today:
        period = end.isoformat()[: len(row.first)]
        if row.last is not None and period > row.last:
            return
        if month in months:
            if period >= row.first:
                yield start, end
            start = end + timedelta(days=1)
        year, month = year + month // 12, month % 12 + 1
        if form == "month":
            start = date(year, month, 1)


def last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def due_date(end: date, months: int, day: int) -> date:
    """`day` of the month that lies `months` after that of `end`, or that month's last day."""
    year, month = divmod(end.year * 12 + end.month - 1 + months, 12)
    return date(year, month + 1, min(day, last_day(year, month + 1).day))


def last_due(rows: list[Row]) -> date | None:
    """None where a row has no end, or nothing is asked for at all."""
    asking = [row for row in rows if row.due is not None]
    if not asking or any(row.last is None for row in asking):
        return None
    return max(
        due_date(period_bounds(FORMS[len(row.last)], row.last)[1], *row.due)
        for row in asking
        if row.last is not None and row.due is not None
    )
