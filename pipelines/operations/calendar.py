"""Who has to deliver what by when (expectations/delivery_calendar.csv), held against what lies in raw/.

A row of the calendar asks one supplier, or every region of a level beneath one (`<region>/prefecture`), for a delivery
of each period from `first_period` to `last_period` (empty: without end), by `due_day` of the month that lies
`due_months` after the period's last one. `months` limits it to periods that end in these months (`12`, `1-11`, `3,6`).
A supplier's own row stands instead of one for its level; one without a due day frees it. Whoever is named owes; of a
level, regions that a document governs, and those that have ever delivered the source. Who has
never delivered anything is told apart: no reminder brings what was never agreed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from pipelines.operations.arrived import Delivered, arrived
from pipelines.operations.calendar_file import FILE, CalendarInvalid, Row, due_date, last_due, periods, read
from pipelines.operations.local_time import local_day
from pipelines.operations.places import Places, places_of
from pipelines.operations.record import opened
from pipelines.settings import Settings

#: what is told one by one: what fell due in this many months; what is still missing of earlier is counted
WINDOW_MONTHS = 14
STATES = {
    "missing": "缺报：过了宽限期仍未到",
    "late": "逾期：过了期限，尚在宽限期内",
    "refused": "到了，但整份未接收",
    "delivered_late": "迟到：过了宽限期才到",
    "delivered": "按期",
    "not_yet_due": "未到期限",
    "never": "从未报送过任何来源，另行联系",
}
#: states that somebody has to do something about
OPEN = ("missing", "late", "refused")
DUE = {
    "source": pl.String,
    "period": pl.String,
    "supplier": pl.String,
    "region_name": pl.String,
    "due_date": pl.Date,
    "grace_until": pl.Date,
    "state": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
    "days_late": pl.Int64,
}


class Obligation(NamedTuple):
    """A delivery that is asked for: of `period`, or from `start` on where it is a snapshot."""

    source: str
    period: str
    supplier: str
    start: str
    end: date
    due_date: date
    grace: int


@dataclass(frozen=True)
class Judged:
    """`frame`: every obligation whose period has ended, as DUE, by due date, source, supplier; `older_missing`: those
    that fell due before the window; `last_due`: the last day that any row names, None for a calendar without end."""

    frame: pl.DataFrame
    older_missing: int
    last_due: date | None


def due(settings: Settings, today: date) -> pl.DataFrame:
    """What the calendar asks for and what became of it, one row each with the columns of DUE; `today` in Asia/Shanghai.

    Periods that have ended and fell due within WINDOW_MONTHS, or are not due yet. Raises CalendarInvalid.
    """
    with opened(settings) as record:
        return judge(settings, today, arrived(settings, record), places_of(record)).frame


def judge(settings: Settings, today: date, delivered: Iterable[Delivered], places: Places) -> Judged:
    """The same, told of deliveries and regions that are at hand. Raises CalendarInvalid."""
    rows = read(settings.expectations / FILE)
    began, files = _grouped(delivered)
    asked = obligations(rows, today, places, files.keys())
    known = {supplier for _, supplier in files}
    answered = {(one.source, one.supplier, one.period) for one in asked}
    frame = pl.DataFrame(
        [_judged(one, today, began, known, files, answered, places) for one in asked], schema=DUE, orient="row"
    ).sort("due_date", "source", "supplier")
    window = frame.filter(pl.col("due_date") >= _months_before(today, WINDOW_MONTHS))
    older = frame.height - window.height
    missing = frame.head(older).filter(pl.col("state") == "missing").height
    return Judged(window, missing, last_due(rows))


def obligations(
    rows: list[Row], today: date, places: Places, delivering: Collection[tuple[str, str]]
) -> list[Obligation]:
    """What is asked for, of periods that have ended before `today`; `delivering`: source, supplier of what ever came.

    Raises CalendarInvalid where two rows ask one supplier for the same period.
    """
    own: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.level is None:
            own.setdefault((row.source, row.code), []).append(row)
    asked: dict[tuple[str, str, str], Obligation] = {}
    for row in rows:
        for start, end in periods(row, today) if row.due else ():
            period = end.isoformat()[: len(row.first)]
            codes = [row.code] if row.level is None else places.beneath(row.code, row.level, end)
            for code in codes:
                if row.level:
                    has_own = any(other.is_in_force(period) for other in own.get((row.source, code), ()))
                    owes = places.is_governed(code, end) or (row.source, code) in delivering
                    if has_own or not owes:
                        continue
                if (row.source, code, period) in asked:
                    raise CalendarInvalid(f"{FILE} 第 {row.line} 行：{code} 的 {period} 另有一行 · asked for twice")
                asked[row.source, code, period] = Obligation(
                    row.source, period, code, start.isoformat()[: len(period)], end, due_date(end, *row.due), row.grace
                )
    return list(asked.values())


def _months_before(day: date, months: int) -> date:
    return due_date(day, -months, day.day)


def _grouped(delivered: Iterable[Delivered]) -> tuple[date | None, dict[tuple[str, str], list[Delivered]]]:
    """The first day that anything came, and the deliveries by source and supplier."""
    files: dict[tuple[str, str], list[Delivered]] = {}
    for file in delivered:
        files.setdefault((file.source, file.supplier), []).append(file)
    days = [local_day(file.received_at) for found in files.values() for file in found if file.received_at]
    return min(days, default=None), files


def _judged(
    one: Obligation,
    today: date,
    began: date | None,
    known: set[str],
    files: dict[tuple[str, str], list[Delivered]],
    answered: set[tuple[str, str, str]],
    places: Places,
) -> tuple[object, ...]:
    until = one.due_date + timedelta(days=one.grace)
    place = (one.source, one.period, one.supplier, places.name(one.supplier), one.due_date, until)
    found = _answering(one, files, answered, places)
    is_known = not known.isdisjoint((one.supplier, *places.former(one.supplier, one.end)))
    overdue = (today - one.due_date).days if today > one.due_date else None
    if not found and overdue is not None and not is_known:
        return (*place, "never", None, None)
    if not found:
        state = "not_yet_due" if overdue is None else "late" if today <= until else "missing"
        return (*place, state, None, overdue)
    stands = max(found, key=lambda file: file.rank)
    if stands.is_refused:
        return (*place, "refused", stands.received_at, overdue)
    # a correction may come late: the first delivery that was taken in counts
    received = min(file.received_at for file in found if not file.is_refused)
    day = local_day(received)
    # before the first file came there was no raw/ to deliver to; of a file replaced in place the first day is unknown
    is_judged = one.due_date >= (began or day) and not any(file.is_replaced for file in found)
    if day > until and is_judged:
        return (*place, "delivered_late", received, (day - one.due_date).days)
    return (*place, "delivered", received, None)


def _answering(
    one: Obligation,
    files: dict[tuple[str, str], list[Delivered]],
    answered: set[tuple[str, str, str]],
    places: Places,
) -> list[Delivered]:
    """The files that answer an obligation: the supplier's, under a former code too, else those of the nearest region
    above it that no delivery of its own was asked of."""

    def of(supplier: str) -> list[Delivered]:
        return [file for file in files.get((one.source, supplier), []) if one.start <= file.period <= one.period]

    own = [file for code in (one.supplier, *places.former(one.supplier, one.end)) for file in of(code)]
    if own:
        return own
    free = (code for code in places.above(one.supplier, one.end) if (one.source, code, one.period) not in answered)
    return next((found for code in free if (found := of(code))), [])
