"""A run stopped at random moments, and its disk copied at each: what a SIGKILL at that moment leaves, many times a run.

A stopped process writes nothing, and SIGKILL takes nothing back of what was written: the copy is the disk of the dead.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.integration.installation import Installation
from tests.long.deaths import PATIENCE, Death, Pace, spent, step_of

#: folders that a run makes once and never writes again: linked, not copied
FINISHED = ("warehouse/releases", "dbt")


def frozen(
    installation: Installation, pace: Pace, chance: random.Random, times: int, folder: Path
) -> Iterator[tuple[Death, Installation]]:
    """A run that completes, stopped so many times; at each, the installation as it would be had the run died there.

    The run stands still until the next one is asked for; then the copy is removed. Its deliveries and its key are those
    of the original.
    """
    moments = sorted(chance.uniform(0, pace.seconds) for _ in range(times))
    run = installation.start("nightly")
    os.set_blocking(run.stderr.fileno(), False)
    began, said = time.monotonic(), ""
    for moment in moments:
        while run.poll() is None and spent(run.pid) < moment:
            time.sleep(0.02)
        if run.poll() is not None:
            break
        _stop(run.pid)
        left = _copied(installation, folder)
        said += _heard(run.stderr.fileno())
        spoken = f"{moment:.1f} of {pace.seconds:.1f} s"
        yield Death("frozen", spoken, step_of(said), -signal.SIGKILL, said, time.monotonic() - began), left
        shutil.rmtree(folder)
        os.killpg(run.pid, signal.SIGCONT)
    run.wait(timeout=PATIENCE)
    assert run.returncode == 0, said + _heard(run.stderr.fileno())


def _heard(descriptor: int) -> str:
    """What was said meanwhile."""
    try:
        return os.read(descriptor, 1_000_000).decode()
    except BlockingIOError:
        return ""


def _stop(group: int) -> None:
    """Stop all processes of a run, and wait until they stand still."""
    os.killpg(group, signal.SIGSTOP)
    while not all(state in "TZX" for state in _states(group)):
        time.sleep(0.005)


def _states(group: int) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group:
            yield state


def _copied(installation: Installation, folder: Path) -> Installation:
    var = installation.var
    finished = {var / name for name in FINISHED}

    def skipped(parent: str, names: list[str]) -> set[str]:
        return {name for name in names if Path(parent, name) in finished or Path(parent, name) == var / "logs"}

    shutil.copytree(var, folder, symlinks=True, ignore=skipped)
    for whole in finished:
        if whole.exists():
            shutil.copytree(whole, folder / whole.relative_to(var), symlinks=True, copy_function=os.link)
    return replace(installation, var=folder)
