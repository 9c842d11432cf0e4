"""`carestat status`: what is in service, how the last night ended, what is owed, what waits: the report in lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.operations.alerts import status_lines as alert_lines
from pipelines.operations.calendar import OPEN
from pipelines.operations.calendar import STATES as DUE_STATES
from pipelines.operations.local_time import shown
from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.operations.record import opened
from pipelines.operations.report import Report, model
from pipelines.operations.report.content import Deadlines, Finding
from pipelines.operations.report.gather import SLACK
from pipelines.operations.report.keep import as_plain, latest
from pipelines.operations.report.wording import STATES, overdue, owed, size
from pipelines.settings import Settings
from pipelines.warehouse.soundness import damage_in_service
from pipelines.warehouse.state import fingerprint, landing_of, may_look, released_state

SCHEMA, VERSION = "carestat.status", 1
#: kinds of findings that are shown beside those that ask for something, the most frequent first
SHOWN = 8
#: reasons of refused rows, and overdue deliveries, that are shown
REASONS, OWED = 5, 5

ENDED = """
    select (select max(release_id) from {ops}.release) as release_id,
           count(*) filter (not success and not waived and severity = 'critical') as failed
    from {ops}.check_result
"""


@dataclass(frozen=True)
class Status:
    """`files` in raw/, None where there is none or who asks may only read; `is_new`: they, the code or the registers
    differ from what is in service; `night`: the JSON of the last night told of; `report` is of the last run that left a
    record."""

    in_service: dict[str, str] | None
    damage: str
    files: int | None
    is_new: bool
    night: dict[str, Any] | None
    report: Report | None

    @property
    def is_well(self) -> bool:
        """Something sound is in service, and the last night, or where none was told of the last run, went well."""
        ended = self.night["outcome"]["state"] if self.night else self.report.outcome.state if self.report else None
        return self.in_service is not None and not self.damage and (ended is None or State(ended).is_good)


def status_of(settings: Settings, now: datetime) -> Status:
    """Raises KeyUnreadable where raw/ cannot be told apart from what is in service."""
    state = released_state(settings)
    files, is_new = None, False
    if may_look(settings):
        landing = landing_of(settings)
        is_new = state is None or state["fingerprint"] != fingerprint(settings, landing)
        files = len(landing.discover().files)
    night, ended = latest(settings), last_run(settings)
    return Status(
        in_service=state,
        damage=damage_in_service(settings) or "",
        files=files,
        is_new=is_new,
        night=night,
        report=model(settings, ended, now) if ended else None,
    )


def last_run(settings: Settings) -> Outcome | None:
    """How the run ended that left the present record: as was told of it, else as its tables say; None for no record."""
    with opened(settings) as record:
        recorded, ended, is_released = record.recorded_at, record.one(ENDED), record.schema == "released.ops"
    if recorded is None:
        return None
    if (told := _told(latest(settings))) and told.started_at <= recorded <= told.ended_at + SLACK:
        return told
    served = released_state(settings)
    in_service = served["release_id"] if served else None
    release_id = in_service if is_released else ended.get("release_id")
    state = State.RELEASED if release_id else State.CHECKS_FAILED if ended.get("failed") else State.FAILED
    earlier = sorted(
        folder.name for folder in (settings.warehouse / "releases").glob("*") if folder.name < str(release_id)
    )
    return Outcome(
        state=state,
        started_at=recorded,
        ended_at=recorded,
        release_id=release_id or in_service,
        former_release_id=(earlier[-1] if earlier else None) if release_id else in_service,
    )


def _told(night: dict[str, Any] | None) -> Outcome | None:
    """The outcome that a kept report tells of; None of a night that ran nothing."""
    if night is None or (state := State(night["outcome"]["state"])) in (State.NOTHING_NEW, State.WAITED, State.KILLED):
        return None
    known = night["outcome"]
    return Outcome(
        state=state,
        started_at=datetime.fromisoformat(known["started_at"]),
        ended_at=datetime.fromisoformat(known["ended_at"]),
        **{name: known[name] for name in ("run_id", "started_by", "release_id", "former_release_id")},
        failures=tuple(Failure(**failure) for failure in known["failures"]),
    )


def as_json(status: Status) -> str:
    """The facts for programs (docs/operations/report.md)."""
    served = status.in_service
    facts = {
        "schema": SCHEMA,
        "version": VERSION,
        "is_well": status.is_well,
        "in_service": {name: served[name] for name in ("release_id", "released_at")} if served else None,
        "damage": status.damage,
        "deliveries": {"files": status.files, "is_new": status.is_new},
        "last_night": status.night and {name: status.night[name] for name in ("outcome", "headline", "notices")},
        "report": as_plain(status.report) if status.report else None,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1)


def status_lines(settings: Settings, status: Status) -> Iterator[str]:
    """One line a fact, Chinese first."""
    if status.damage:
        remedy = "请运行 carestat nightly，将重新发布 · run it: all is made anew"
        yield f"已损坏 · damaged         {status.damage}；{remedy}"
    if served := status.in_service:
        yield f"在用发布 · in service    {served['release_id']}（{served['released_at']}）"
    else:
        yield "在用发布 · in service    无 · none yet"
    if status.files is not None:
        changes = "有变化（交付、登记表或程序），待下次运行 · changes wait"
        yield f"交付文件 · deliveries    {status.files}，{changes if status.is_new else '均已处理 · all processed'}"
    if status.night:
        outcome = status.night["outcome"]
        ended = shown(datetime.fromisoformat(outcome["ended_at"]))
        yield f"最近一夜 · last night    {STATES[State(outcome['state'])]}（{ended}）"
        for notice in status.night["notices"]:
            if notice["severity"] == "critical":
                yield f"  {notice['text']}"
    if status.report:
        yield from _of_report(status.report)
    yield from alert_lines(settings)


def _of_report(report: Report) -> Iterator[str]:
    states = "，".join(f"{state} {count}" for state, count in report.deliveries.items())
    yield f"最近运行 · last run      {states or report.record.problem or '无 · none'}"
    came = report.came
    if came.total:
        yield f"新到交付 · came          新到 {came.new}，修订 {came.revised}，撤回 {came.withdrawn}"
    refused = "，".join(f"{reason} {rows}" for reason, rows in list(report.refused.reasons.items())[:REASONS])
    yield f"拒收行 · quarantined     {refused or '无 · none'}"
    yield f"发现 · findings          {_findings(report.findings)}"
    cells = report.corrections
    if cells.applied or cells.stale or cells.invalid:
        yield f"更正 · corrections       应用 {cells.applied} 格，失效 {cells.stale} 条，写错 {cells.invalid} 条"
    if report.changed.values:
        yield f"改变的数 · revised values {report.changed.values}"
    failed = report.checks.failed
    yield f"检查未通过 · failed checks {len(failed) or '无 · none'}"
    for check in failed:
        yield f"  {check.severity}  {check.suite}.{check.check}  {check.reason}"
    is_released = report.outcome.state is State.RELEASED
    told = report.outcome.release_id if is_released else "否，原发布继续服务 · no, the former stays"
    yield f"是否发布 · released      {told}"
    yield from _owed(report.calendar)
    if disk := report.disk:
        free = f"{size(disk.free)}（{disk.free / disk.size:.0%}）"
        yield f"磁盘 · disk              var/ 用 · used {size(disk.used)}，剩 · free {free}"


def _owed(days: Deadlines) -> Iterator[str]:
    if days.problem:
        yield f"应报未报 · overdue       {days.problem}"
        return
    counted = "，".join(
        f"{DUE_STATES[state].partition('：')[0]} {days.counts[state]}" for state in OPEN if days.counts.get(state)
    )
    ends = f"（日历止于 {days.last_due} · the calendar ends）" if days.last_due and days.last_due < days.today else ""
    yield f"应报未报 · overdue       {counted or '无 · none'}{ends}"
    groups = overdue(days.listed)
    for group in groups[:OWED]:
        yield f"  {group[0].state}  {owed(group)}"
    if len(groups) > OWED:
        yield f"  另有 {len(groups) - OWED} 家，见 --format json · more"


def _findings(found: tuple[Finding, ...]) -> str:
    """How many of each, those that ask for something first; rare kinds of the others are only counted."""
    others = [one for one in found if not one.is_pressing]
    told = [f"{one.finding} {one.count}" for one in (*(one for one in found if one.is_pressing), *others[:SHOWN])]
    if left := len(others[SHOWN:]):
        told.append(f"另有 {left} 种 · {left} more")
    return "，".join(told) or "无 · none"
