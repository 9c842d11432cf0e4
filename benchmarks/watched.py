"""A command and all processes that it starts: seconds, processor seconds, what it says and when, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.settings import PROJECT

EVERY = 0.5


@dataclass
class Watched:
    """`lines` are those of standard error, each with the second it came in. `peak_mb` is the largest sum of the
    resident memory of the command and its descendants, shared pages counted once (PSS), looked at twice a second."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_mb: int = 0
    status: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)

    @property
    def said(self) -> str:
        return "".join(line for _, line in self.lines)


def watched(arguments: list[str], variables: Mapping[str, str]) -> Watched:
    """Run Python with these arguments, in a session of its own, from the checkout."""
    told, began = Watched(), time.perf_counter()
    run = subprocess.Popen(
        [sys.executable, *arguments], cwd=PROJECT, env={**os.environ, **variables}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            told.peak_mb = max(told.peak_mb, _resident_kb(run.pid) // 1024)

    looking = threading.Thread(target=look)
    looking.start()
    for line in run.stderr or ():
        told.lines.append((time.perf_counter() - began, line))
    _, status, used = os.wait4(run.pid, 0)
    told.seconds = time.perf_counter() - began
    over.set()
    looking.join()
    run.returncode = told.status = os.waitstatus_to_exitcode(status)
    told.processor_seconds = used.ru_utime + used.ru_stime
    return told


def _resident_kb(session: int) -> int:
    """Of all processes of the session; those that end meanwhile are left out."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            _, _, after_name = (process / "stat").read_text().rpartition(")")
            if int(after_name.split()[3]) == session:
                _, _, after_mark = (process / "smaps_rollup").read_text().partition("Pss:")
                total += int(after_mark.split()[0])
        except (OSError, ValueError, IndexError):
            continue
    return total
