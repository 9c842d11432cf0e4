"""What a person watching a run sees: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

STEPS = {
    "landing": "接收交付 · landing",
    "models": "计算 · models",
    "checks": "检查 · checks",
    "release": "发布 · release",
    "contents": "取数 · contents",
    "evidence": "来历 · evidence",
    "disclosure": "保密控制 · disclosure control",
    "forms": "成品 · forms",
    "freeze": "封存 · freeze",
    "copying": "复制 · copying",
    "verifying": "核对 · verifying",
}


class Progress:
    """Reports steps of a run to standard error. Silent unless `start` was called (the daemon has Dagster's own log)."""

    def __init__(self) -> None:
        self._live: Any = None
        self._task: Any = None
        self._step = ""
        self._began = 0.0
        self._on = False

    def start(self) -> None:
        self._on = True
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[detail]}"),
                TimeElapsedColumn(),
            )
            self._live = Progress(*columns, console=Console(stderr=True))
            self._live.start()

    def step(self, name: str, total: int | None = None) -> None:
        """A step begins; the one before it is done."""
        if not self._on or name == self._step:
            return
        self._finish_step()
        self._step, self._began = name, time.monotonic()
        if self._live:
            self._task = self._live.add_task(STEPS[name], total=total, detail="")

    def advance(self, done: int, total: int | None = None, detail: str = "") -> None:
        if self._live and self._task is not None:
            self._live.update(self._task, completed=done, total=total, detail=detail)

    def _finish_step(self) -> None:
        if not self._step:
            return
        if self._live:
            task = self._live.tasks[-1]
            self._live.update(self._task, total=task.completed or 1, completed=task.completed or 1, detail="")
        else:
            print(f"{STEPS[self._step]}  {time.monotonic() - self._began:.1f} s", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """The last step is done (or broke off)."""
        if not self._on:
            return
        self._finish_step()
        if self._live:
            self._live.stop()
        self._on, self._step, self._live = False, "", None


def say(text: str) -> None:
    """A line for whoever started the run."""
    print(text, file=sys.stderr, flush=True)


#: the one progress display of this process
PROGRESS = Progress()
