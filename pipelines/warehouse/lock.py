"""One run at a time, whoever starts it: the command, the schedule, the sensor or a second machine user."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

WAIT_SECONDS = 600


class AnotherRun(Exception):
    """Another run still holds the warehouse after ten minutes."""


def run_lock(var: Path) -> FileLock:
    """The lock of one installation; the same object within a process, so that a run may take it twice.

    The system releases it when its holder dies, however it dies.
    """
    var.mkdir(parents=True, exist_ok=True)
    return FileLock(var / "run.lock", timeout=WAIT_SECONDS, is_singleton=True)


def hold(lock: FileLock) -> None:
    """Take the lock, waiting up to ten minutes. Raises AnotherRun."""
    try:
        lock.acquire()
    except Timeout as late:
        raise AnotherRun(
            "另一次运行仍在进行，已等待十分钟 · another run still holds the warehouse after ten minutes"
        ) from late
