"""What follows a night, however it ended and whoever started it: a report, word to people, and a tidy disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib import import_module

from pipelines.operations.outcome import Outcome, State
from pipelines.progress import say
from pipelines.settings import Settings
from pipelines.warehouse.lock import AnotherRun, hold, run_lock


def after_night(settings: Settings, outcome: Outcome) -> None:
    """Write the report, send alerts, tidy up. None of it can fail the night, and none keeps the others from running."""
    _guarded("报告 · report", lambda: write_report(settings, outcome))
    _guarded("告警 · alerts", lambda: send_alerts(settings, outcome))
    if outcome.state not in (State.WAITED, State.NOTHING_NEW):  # which leave nothing behind
        _guarded("清理 · tidying", lambda: tidy_up(settings))


def get_ready() -> None:
    """Import what tells of a night and compile its page: half a second that passes while files are read."""
    with contextlib.suppress(Exception):  # told when it is needed
        import_module("pipelines.operations.alerts")
        import_module("pipelines.operations.report.page").template()


def write_report(settings: Settings, outcome: Outcome) -> None:
    """The run report of this night."""
    from pipelines.operations.report import write

    write(settings, outcome)


def send_alerts(settings: Settings, outcome: Outcome) -> None:
    """Word to whoever asked for it."""
    from pipelines.operations.alerts import tell

    tell(settings, outcome)


def tidy_up(settings: Settings) -> None:
    """Bound the disk, unless a run holds the warehouse: then it does so itself when it ends."""
    from pipelines.operations.housekeeping import tidy

    lock = run_lock(settings.var)
    try:
        hold(lock, 0)
    except AnotherRun:
        return
    try:
        tidied = tidy(settings)
    finally:
        lock.release()
    for trouble in tidied.troubles:
        say(f"清理 · tidying：{trouble}")


def _guarded(part: str, act: Callable[[], object]) -> None:
    try:
        act()
    except Exception as broken:
        say(f"{part}：{type(broken).__name__}: {broken}")
