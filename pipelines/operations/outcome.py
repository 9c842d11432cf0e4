"""How a night ended: told once, by whoever started it, to everything that reports on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The ways a night ends. In all but the first the former release stays in service."""

    RELEASED = "released"
    NOTHING_NEW = "nothing_new"
    CHECKS_FAILED = "checks_failed"
    FAILED = "failed"
    KILLED = "killed"
    WAITED = "waited"

    @property
    def is_good(self) -> bool:
        """Whether what is in service is made of what lay in raw/ when the night began."""
        return self in (State.RELEASED, State.NOTHING_NEW)


@dataclass(frozen=True)
class Failure:
    """A step that broke, and the message of the error that broke it."""

    step: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """One night. Times are UTC; `started_by` is command, schedule, sensor or a person in the web interface;
    `release_id` is in service afterwards, `former_release_id` was before."""

    state: State
    started_at: datetime
    ended_at: datetime
    run_id: str = ""
    started_by: str = "command"
    release_id: str | None = None
    former_release_id: str | None = None
    failures: tuple[Failure, ...] = ()
