"""What a run report says, as plain data: the JSON is this, field by field (docs/operations/report.md).

Times are UTC. Every list is cut at LISTED rows; the count beside it is of all. Texts that came from deliveries are
masked when they land. No field holds a path of the machine: paths begin at raw/ or var/.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from pipelines.operations.outcome import Outcome

#: of the JSON; rises when a field changes its meaning or goes, not when one comes
VERSION = 1
#: longest list
LISTED = 200


@dataclass(frozen=True)
class Notice:
    """Something that asks for somebody. `kind` is a word for machines: checks, step, missing, late, refused, finding,
    disk, calendar, record, service; `severity` is critical (nothing was released), warning or note."""

    kind: str
    severity: str
    text: str


@dataclass(frozen=True)
class Service:
    """What statisticians read: None before the first release. `age_hours` at the time of the report; `damage`: what is
    wrong with its files."""

    release_id: str | None = None
    released_at: datetime | None = None
    age_hours: float | None = None
    former_release_id: str | None = None
    damage: str = ""


@dataclass(frozen=True)
class Record:
    """Where the figures of the run come from. `of`: this_run, earlier_run, release (ops.duckdb is missing or broken and
    the released file's own tables stand in), none. `is_complete`: every delivery was looked at."""

    of: str = "none"
    is_complete: bool = False
    recorded_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True)
class Arrival:
    """A delivery that differs from what the former release was made of. `change`: new, revised, withdrawn; `days_late`:
    of a new one that came after its days of grace, how long after it was due."""

    change: str
    source: str
    source_title: str
    period: str
    supplier: str
    supplier_name: str
    revision: int
    path: str
    state: str
    reason: str
    received_at: datetime | None
    rows: int | None
    refused_rows: int | None
    days_late: int | None


@dataclass(frozen=True)
class ArrivalsOfSource:
    """`first_period` to `last_period` are those of the deliveries that came."""

    source: str
    source_title: str
    new: int
    revised: int
    withdrawn: int
    first_period: str
    last_period: str


@dataclass(frozen=True)
class Came:
    """Since `since` (the former release; None: all came first with this run). `is_known` false: nothing to compare.
    `waiting`: deliveries in raw/ that the run has not looked at yet, None where raw/ cannot be read."""

    is_known: bool = False
    since: str | None = None
    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    waiting: int | None = None
    by_source: tuple[ArrivalsOfSource, ...] = ()
    listed: tuple[Arrival, ...] = ()

    @property
    def total(self) -> int:
        return self.new + self.revised + self.withdrawn


@dataclass(frozen=True)
class Due:
    """One delivery that the calendar asks for; `state` as in calendar.STATES, `days_late` from the due date on."""

    source: str
    source_title: str
    period: str
    supplier: str
    supplier_name: str
    due_date: date
    grace_until: date
    state: str
    received_at: datetime | None
    days_late: int | None


@dataclass(frozen=True)
class Deadlines:
    """The calendar on `today`, Asia/Shanghai: due within the last 14 months, or ended and not yet due.

    `listed`: missing, late and refused, the longest overdue first. `older_missing` fell due before that.
    `last_due`: the last day that the calendar names; None for a calendar without end. `problem`: why there is none.
    """

    today: date
    counts: dict[str, int] = field(default_factory=dict)
    listed: tuple[Due, ...] = ()
    older_missing: int = 0
    last_due: date | None = None
    problem: str = ""


@dataclass(frozen=True)
class Refusal:
    """Rows (or whole files, `rows` 0) that one supplier has to mend for one reason in one column."""

    source: str
    source_title: str
    supplier: str
    supplier_name: str
    reason: str
    reason_title: str
    column: str
    remedy: str
    rows: int
    files: int
    is_new: bool
    path: str
    answer: str


@dataclass(frozen=True)
class Refused:
    """`rows` and `files` (no row of them landed) in all; `new_rows` and `new_files` in deliveries that came now."""

    rows: int = 0
    files: int = 0
    new_rows: int = 0
    new_files: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    listed: tuple[Refusal, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Change:
    """A released value that is another one than in the former release; `relative` is (new − old) / |old|."""

    indicator_key: str
    indicator_name: str
    variant: str
    region_code: str
    region_name: str
    period: str
    unit: str
    decimals: int
    old: float | None
    new: float | None
    difference: float | None
    relative: float | None
    cause: str


@dataclass(frozen=True)
class Changed:
    """`values` in all, of them `appeared` and `vanished`; the largest of each kind; `causes`: delivery → values."""

    values: int = 0
    appeared: int = 0
    vanished: int = 0
    largest_relative: tuple[Change, ...] = ()
    largest_absolute: tuple[Change, ...] = ()
    largest_vanished: tuple[Change, ...] = ()
    causes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    suite: str
    check: str
    severity: str
    reason: str
    rows: int
    detail: tuple[str, ...]
    is_error: bool


@dataclass(frozen=True)
class Checks:
    """`failed` without waiver, critical ones first; `waived`: not passed, but every row of it has a waiver."""

    run: int = 0
    passed: int = 0
    failed: tuple[Check, ...] = ()
    waived: tuple[Check, ...] = ()

    @property
    def critical(self) -> tuple[Check, ...]:
        return tuple(check for check in self.failed if check.severity == "critical")


@dataclass(frozen=True)
class Finding:
    """`is_pressing`: asks for something to be done. `examples`: the first few paths."""

    finding: str
    title: str
    count: int
    is_pressing: bool
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corrections:
    """`applied` cells; `stale` and `invalid` entries of the correction files."""

    applied: int = 0
    stale: int = 0
    invalid: int = 0


@dataclass(frozen=True)
class Rows:
    """delivered = landed + quarantined + superseded + ignored, over all deliveries of the run."""

    files: int
    delivered: int
    landed: int
    quarantined: int
    superseded: int
    ignored: int

    @property
    def is_balanced(self) -> bool:
        return self.delivered == self.landed + self.quarantined + self.superseded + self.ignored


@dataclass(frozen=True)
class Disk:
    """Bytes: free and in all on the disk that holds var/; taken by var/, and by each of its larger folders."""

    free: int
    size: int
    used: int
    folders: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """One night. `headline` and `headline_en`: one sentence; `notices`: what asks for somebody, the worst first."""

    made_at: datetime
    outcome: Outcome
    headline: str
    headline_en: str
    notices: tuple[Notice, ...]
    service: Service
    record: Record
    came: Came
    calendar: Deadlines
    refused: Refused
    changed: Changed
    checks: Checks
    findings: tuple[Finding, ...]
    corrections: Corrections
    deliveries: dict[str, int]
    rows: Rows | None
    disk: Disk | None
    version: int = VERSION

    @property
    def seconds(self) -> float:
        """How long the night took."""
        return (self.outcome.ended_at - self.outcome.started_at).total_seconds()
