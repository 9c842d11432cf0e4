"""The time that people read: stored in UTC, shown in Asia/Shanghai, which has no daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pipelines.landing.discover import SHANGHAI


def local(moment: datetime) -> datetime:
    """A moment in Asia/Shanghai; one without a zone is UTC, as DuckDB keeps it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(SHANGHAI)


def local_day(moment: datetime) -> date:
    return local(moment).date()


def shown(moment: datetime) -> str:
    """2026-11-22 20:14, in Asia/Shanghai."""
    return f"{local(moment):%Y-%m-%d %H:%M}"
