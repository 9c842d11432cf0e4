"""A report, gathered from the ops tables of the run, the releases, the calendar and the disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from pipelines.operations import calendar, disk
from pipelines.operations.arrived import Delivered, arrived
from pipelines.operations.local_time import local_day
from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.operations.places import Places, places_of
from pipelines.operations.record import Record, opened
from pipelines.operations.report import wording
from pipelines.operations.report.arrivals import came, none_came, waiting, with_days_late
from pipelines.operations.report.content import (
    LISTED,
    Changed,
    Deadlines,
    Disk,
    Due,
    Report,
    Service,
)
from pipelines.operations.report.content import Record as Told
from pipelines.operations.report.refusals import refused
from pipelines.operations.report.revised import changed
from pipelines.operations.report.scrubbed import scrubbed
from pipelines.operations.report.tables import (
    checks_of,
    corrections_of,
    findings_of,
    rows_of,
    states_of,
    titles_of,
)
from pipelines.settings import Settings
from pipelines.warehouse.soundness import damage_in_service
from pipelines.warehouse.state import released_state

#: between the end of a run as told by its outcome and the moment when its record lies there
SLACK = timedelta(minutes=2)


def model(settings: Settings, outcome: Outcome, now: datetime) -> Report:
    """What is to be told of a night, as of `now` (UTC). Says what is missing rather than fail."""
    outcome = replace(outcome, failures=tuple(scrubbed(failure, settings) for failure in outcome.failures))
    with opened(settings) as record:
        told = _told(record, outcome)
        places, titles = places_of(record), titles_of(record)
        today = local_day(now)
        delivered = arrived(settings, record)
        if told.of == "this_run":
            arrivals = came(settings, outcome, record, told.is_complete, titles, places)
            changes = changed(record)
        else:
            arrivals = none_came(record, outcome, is_known=outcome.state is State.NOTHING_NEW)
            changes = Changed()
        deadlines, frame = _deadlines(settings, today, delivered, places, titles)
        if frame is not None:
            arrivals = with_days_late(arrivals, frame)
        findings = findings_of(record)
        report = Report(
            made_at=now,
            outcome=outcome,
            headline="",
            headline_en="",
            notices=(),
            service=_service(settings, outcome, now),
            record=told,
            came=replace(arrivals, waiting=waiting(delivered)),
            calendar=deadlines,
            refused=refused(settings, record, titles, places),
            changed=changes,
            checks=checks_of(record),
            findings=findings,
            corrections=corrections_of(record, findings),
            deliveries=states_of(record),
            rows=rows_of(record),
            disk=_disk(settings),
        )
        report = replace(report, record=replace(told, problem=told.problem or record.problem))
    headline, headline_en = wording.headline(report)
    return replace(report, headline=headline, headline_en=headline_en, notices=wording.notices(report))


def _told(record: Record, outcome: Outcome) -> Told:
    """Whether what lies there is of this run: by the release it made, else by when it was left."""
    if record.schema is None or record.recorded_at is None:
        return Told(problem=record.problem or "没有运行记录 · no record of any run")
    released = record.one("select release_id from {ops}.release limit 1").get("release_id")
    if outcome.state is State.RELEASED:
        is_this = released == outcome.release_id
    else:
        ran = outcome.state in (State.CHECKS_FAILED, State.FAILED)
        is_this = ran and outcome.started_at <= record.recorded_at <= outcome.ended_at + SLACK
    is_own = record.schema == "run.main"
    of = "this_run" if is_this and (is_own or outcome.state is State.RELEASED) else "earlier_run"
    return Told(
        of=of if is_own or of == "this_run" else "release",
        # the cards of the sources are told last, when every delivery has been looked at
        is_complete=bool(record.one("select 1 as told from {ops}.origin limit 1")),
        recorded_at=record.recorded_at,
        problem=record.problem if is_own else record.problem or "没有 ops.duckdb · no ops.duckdb",
    )


def _service(settings: Settings, outcome: Outcome, now: datetime) -> Service:
    state, damage = released_state(settings), damage_in_service(settings) or ""
    if damage.startswith(settings.ops.name):
        damage = ""  # told with the record
    if state is None:
        return Service(former_release_id=outcome.former_release_id, damage=damage)
    at = datetime.fromisoformat(state["released_at"])
    age = round((now - at).total_seconds() / 3600, 1)
    return Service(state["release_id"], at, age, outcome.former_release_id, damage)


def _deadlines(
    settings: Settings, today: date, delivered: list[Delivered], places: Places, titles: dict[str, str]
) -> tuple[Deadlines, pl.DataFrame | None]:
    """What the calendar says, and all of its rows; None where there is no calendar that can be read."""
    try:
        judged = calendar.judge(settings, today, delivered, places)
    except (calendar.CalendarInvalid, OSError) as wrong:
        return Deadlines(today, problem=scrubbed(Failure("", str(wrong)), settings).message), None
    rows: list[dict[str, Any]] = judged.frame.to_dicts()
    counts = {state: sum(row["state"] == state for row in rows) for state in calendar.STATES}
    pressing = sorted(
        (row for row in rows if row["state"] in calendar.OPEN),
        key=lambda row: (calendar.OPEN.index(row["state"]), row["due_date"], row["source"], row["supplier"]),
    )
    told = Deadlines(
        today=today,
        counts=counts,
        listed=tuple(
            Due(
                source_title=titles.get(row["source"], row["source"]),
                supplier_name=row.pop("region_name"),
                **row,
            )
            for row in pressing[:LISTED]
        ),
        older_missing=judged.older_missing,
        last_due=judged.last_due,
        problem="" if rows or judged.last_due else "没有交付日历 · no delivery calendar",
    )
    return told, judged.frame


def _disk(settings: Settings) -> Disk | None:
    try:
        usage = disk.usage(settings)
    except OSError:
        return None
    return Disk(usage.free, usage.size, usage.bytes, {folder.path or "…": folder.bytes for folder in usage.folders})
