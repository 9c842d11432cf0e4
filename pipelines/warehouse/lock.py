"""One run at a time, whoever starts it: the command, the schedule or the sensor, all as one user of the machine."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.landing.store import close_to_others

WAIT_SECONDS = 600


class AnotherRun(Exception):
    """Another run still holds the warehouse after the wait."""


class Unwritable(Exception):
    """The lock cannot be taken since nothing can be written there."""


def run_lock(var: Path) -> FileLock:
    """The lock of one installation; the same object within a process, so that a run may take it twice.

    The system releases it when its holder dies, however it dies. CARESTAT_WAIT: seconds to wait, if not 600. Raises
    Unwritable.
    """
    path = var / "run.lock"
    try:
        close_to_others(var)
        path.touch()
        path.chmod(0o600)  # readers of the group must not be able to hold it: a file opened for reading can be locked
    except OSError as refused:
        raise Unwritable(f"{var} 写不进去 · cannot be written: {refused.strerror}") from refused
    return FileLock(path, timeout=lock_wait(), mode=0o600, is_singleton=True)


def lock_wait() -> float:
    """Seconds to wait for another run."""
    return float(os.environ.get("CARESTAT_WAIT", WAIT_SECONDS))


def hold(lock: FileLock, seconds: float | None = None) -> None:
    """Take the lock, waiting up to ten minutes, or `seconds`. Raises AnotherRun."""
    waited = lock.timeout if seconds is None else seconds
    try:
        lock.acquire(waited)
    except Timeout as late:
        raise AnotherRun(
            f"另一次运行仍在进行，已等待 {waited:g} 秒 · another run still holds the warehouse; this one waited"
        ) from late
