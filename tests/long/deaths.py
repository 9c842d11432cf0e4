"""Ways for a run to die, each at a moment drawn by chance, and the processes of a run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.integration.installation import Installation

DYING = Path(__file__).parents[1] / "integration" / "dying"
WORKERS = {
    "dbt": "pipelines.warehouse.dbt_process",
    "checks": "pipelines.checks.process",
    "ahead": "pipelines.landing.ahead",
}
#: how often each way is drawn: the whole group at a moment or at a rename; the run alone; one worker alone
WEIGHTS = {"group": 55, "rename": 20, "run alone": 10, "dbt": 5, "checks": 5, "ahead": 5}
PATIENCE = 1200


@dataclass
class Pace:
    """How a run goes that nobody disturbs: the processor seconds that it takes with its workers, how many of them are
    spent when each worker appears and is gone, and its renames.

    Moments are drawn in processor seconds: by the clock, a machine with other work to do would die in the landing only.
    """

    seconds: float
    lives: dict[str, tuple[float, float]]
    renames: int


@dataclass
class Death:
    """What was done to a run, and how it ended. `exit` is -9 where the run itself was killed."""

    way: str
    moment: str
    step: str
    exit: int
    told: str
    seconds: float

    @property
    def happened(self) -> bool:
        return self.moment != "too late"


def dying_path() -> str:
    return os.pathsep.join(filter(None, [str(DYING), os.environ.get("PYTHONPATH", "")]))


def undisturbed(installation: Installation, counted: Path) -> Pace:
    """A run that completes, watched."""
    counted.unlink(missing_ok=True)
    run = installation.start("nightly", PYTHONPATH=dying_path(), RENAMES=str(counted))
    lives, now = {}, 0.0
    while run.poll() is None:
        now = max(now, spent(run.pid))
        for worker in WORKERS:
            if worker_of(run.pid, worker):
                lives[worker] = (lives.get(worker, (now, now))[0], now)
        time.sleep(0.1)
    _, told = run.communicate()
    assert run.returncode == 0 and "已发布" in told, told
    return Pace(now, lives, len(counted.read_text(encoding="utf-8").splitlines()))


def die(installation: Installation, pace: Pace, chance: random.Random, counted: Path) -> Death:
    """Start a run and kill it, or one of its workers, in a way and at a moment drawn by `chance`."""
    way = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    share = chance.random()
    counted.unlink(missing_ok=True)
    variables = {}
    if way == "rename":
        at = 1 + int(share * pace.renames)
        variables = {"PYTHONPATH": dying_path(), "RENAMES": str(counted), "DIE_AT": str(at)}
    began = time.monotonic()
    run = installation.start("nightly", **variables)
    if way == "rename":
        _, told = run.communicate(timeout=PATIENCE)
        passed = counted.read_text(encoding="utf-8").splitlines()
        moment = f"{len(passed)}: {Path(passed[-1]).relative_to(installation.var)}" if passed else ""
        hit = run.returncode == -signal.SIGKILL
    else:
        first, last = pace.lives.get(way, (0.0, pace.seconds))
        moment = first + share * (last - first)
        hit = _kill(run, way, moment)
        _, told = run.communicate(timeout=PATIENCE)
        moment = f"{moment:.1f} of {pace.seconds:.1f} s"
    step = way if way in WORKERS else step_of(told)
    return Death(way, moment if hit else "too late", step, run.returncode, told, time.monotonic() - began)


def spent(run: int) -> float:
    """Processor seconds of a run, its workers and what they waited for; 0 when it is gone."""
    ticks = 0
    for process in [run, *_children(run)]:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _kill(run: subprocess.Popen[str], way: str, moment: float) -> bool:
    """Kill once so much processor time is spent; a worker as soon after as it lives. Says whether anything was hit."""
    while run.poll() is None:
        if spent(run.pid) >= moment:
            if way == "group":
                os.killpg(run.pid, signal.SIGKILL)
                return True
            target = run.pid if way == "run alone" else worker_of(run.pid, way)
            if target:
                os.kill(target, signal.SIGKILL)
                return True
        time.sleep(0.02)
    return False


def _children(run: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{run}/task/{run}/children").read_text().split()]
    except OSError:
        return []


def worker_of(run: int, worker: str) -> int | None:
    """The process id of a run's worker, if it lives."""
    for child in _children(run):
        try:
            if WORKERS[worker] in Path(f"/proc/{child}/cmdline").read_text():
                return child
        except OSError:
            continue
    return None


def step_of(told: str) -> str:
    """The step that was under way: the one after those that are told as done."""
    done = [name for name in ("landing", "models", "checks", "release") if f"· {name} " in told]
    return ["landing", "models", "checks", "release", "end"][len(done)]
