"""One run at a time, whoever starts it: the command, the schedule, the sensor or a second machine user."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.landing.store import close_to_others

WAIT_SECONDS = 600


class AnotherRun(Exception):
    """Another run still holds the warehouse after the wait."""


def run_lock(var: Path) -> FileLock:
    """The lock of one installation; the same object within a process, so that a run may take it twice.

    The system releases it when its holder dies, however it dies. CARESTAT_WAIT: seconds to wait, if not 600.
    """
    close_to_others(var)
    return FileLock(var / "run.lock", timeout=lock_wait(), is_singleton=True)


def lock_wait() -> float:
    """Seconds to wait for another run."""
    return float(os.environ.get("CARESTAT_WAIT", WAIT_SECONDS))


def hold(lock: FileLock) -> None:
    """Take the lock, waiting up to ten minutes. Raises AnotherRun."""
    try:
        lock.acquire()
    except Timeout as late:
        raise AnotherRun(
            f"另一次运行仍在进行，已等待 {lock.timeout:g} 秒 · another run still holds the warehouse; this one waited"
        ) from late
