"""Landing on the second core: another process lands from the end of the run's order, newest period first, until it
meets the run.

What is landed is kept by content, so whoever comes second finds it done, or waits for it: the month of a source is
settled by one of them. Nothing depends on the other process: if it fails, the run lands everything itself and meets the
same error.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

from pipelines.contracts import SOURCES, contract_of
from pipelines.landing.threads import holds_large
from pipelines.settings import PROJECT


class Ahead:
    """The other process; it ends when all is landed, with `close`, or when its run dies."""

    def __init__(self, raw: Path, var: Path, expectations: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.landing.ahead", str(raw), str(var), str(expectations)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def land_from_the_end(raw: Path, var: Path, expectations: Path) -> None:
    """Land every source: those that refer to others first, then by name backwards; a run goes the other way."""
    from pipelines.contracts.delivery import facts_of
    from pipelines.landing.land import Landing

    def place_in_run(source: str) -> tuple[bool, str]:
        return any(column.references for column in facts_of(contract_of(source)).values()), source

    landing = Landing(raw=raw, var=var, backwards=True, expectations=expectations)
    for source in sorted(SOURCES, key=place_in_run, reverse=True):
        landing.land(source)


def _end_with_run() -> None:
    """The pipe closes when the run that started this process dies, however it dies."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    raw, *others = map(Path, sys.argv[1:])
    if not holds_large(raw):
        gc.disable()  # it ends before garbage matters
    os.nice(5)  # the run itself comes first
    threading.Thread(target=_end_with_run, daemon=True).start()
    land_from_the_end(raw, *others)
