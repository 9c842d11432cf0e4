"""The delivery calendar as it is written: expectations/delivery_calendar.csv, row by row (docs/operations/report.md)."""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipelines.contracts import SOURCES
from pipelines.landing.discover import period_bounds

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
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise CalendarInvalid(f"{FILE} 的列应为 {','.join(COLUMNS)} · wrong columns")
        rows = []
        for line, row in enumerate(reader, 2):
            try:
                rows.append(_row(line, row))
            except (ValueError, TypeError) as wrong:
                raise CalendarInvalid(f"{FILE} 第 {line} 行：{wrong}") from wrong
    return rows


def _row(line: int, row: dict[str, str]) -> Row:
    """Raises ValueError, told to whoever wrote the row."""
    if row["source"] not in SOURCES:
        raise ValueError(f"没有来源 {row['source']} · no such source")
    supplier = SUPPLIER.fullmatch(row["supplier"])
    if supplier is None:
        raise ValueError(f"报送单位 {row['supplier']} 应为 511702 或 511700/county · no such supplier")
    first, last = row["first_period"], row["last_period"] or None
    for period in (first, last or first):
        period_bounds(FORMS.get(len(period), "year"), period)
    if len(last or first) != len(first):
        raise ValueError("first_period 与 last_period 的写法应相同 · two forms of period")
    due = (int(row["due_months"]), int(row["due_day"])) if row["due_day"] else None
    if due and not (0 <= due[0] <= 36 and 1 <= due[1] <= 31):
        raise ValueError("due_months 应在 0 到 36 之间，due_day 应在 1 到 31 之间 · no such day")
    grace = int(row["grace_days"] or 0)
    if grace < 0:
        raise ValueError("grace_days 不能为负 · negative")
    months = _months(row["months"])
    if len(first) == 10 and due and not row["months"]:
        raise ValueError("快照须写 months（截至哪几个月末）· a snapshot needs its months")
    return Row(line, row["source"], supplier["code"], supplier["level"], months, due, grace, first, last)


def _months(text: str) -> frozenset[int]:
    """1-11 or 3,6,9,12; nothing is every month. Raises ValueError."""
    if not text:
        return frozenset(range(1, 13))
    months: set[int] = set()
    for part in text.split(","):
        start, _, end = part.partition("-")
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
