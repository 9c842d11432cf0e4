"""Landing on the second core: another process lands sources from the end of the alphabet; a run comes from its start.

What a process lands is kept by content, so whoever comes second to a source finds it done. Nothing depends on the
other process: if it fails, this one lands the source itself and meets the same error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from pipelines.contracts import SOURCES, contract_of
from pipelines.settings import PROJECT


class Ahead:
    """The other process. `wait` before landing a source, `close` when all are landed."""

    def __init__(self, raw: Path, var: Path) -> None:
        self._begun: dict[str, threading.Event] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.landing.ahead", str(raw), str(var)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self, source: str) -> None:
        """Return once the other process is not (or no longer) at work on `source`."""
        if source in self._begun:
            self._begun[source].wait()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            what, source = line.split()
            if what == "begin":
                self._begun[source] = threading.Event()
            else:
                self._begun[source].set()
        for event in list(self._begun.values()):
            event.set()


def land_from_the_end(raw: Path, var: Path) -> None:
    """Land every source that refers to no other, last name first; says on standard output what it is at."""
    from pipelines.contracts.delivery import facts_of
    from pipelines.landing.land import Landing

    landing = Landing(raw=raw, var=var)
    for source in sorted(SOURCES[1:], reverse=True):
        if not any(column.references for column in facts_of(contract_of(source)).values()):
            print("begin", source, flush=True)
            landing.land(source)
            print("done", source, flush=True)


def _end_with_parent() -> None:
    """The pipe closes when the run that started this process dies, however it dies."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    land_from_the_end(Path(sys.argv[1]), Path(sys.argv[2]))
