"""A run killed at any moment leaves yesterday's release as it was; the next run gives what an undisturbed one gives.

One kill a step over the same new delivery, then a completed run; with CARESTAT_EVERY_KILL set, all ten moments, each
followed by a completed run (two deliveries alternate, so that there is always something new to do).
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation

DYING = Path(__file__).parent / "dying"


@dataclass(frozen=True)
class Moment:
    """When to kill: once something that fits `made` lies in the warehouse and `later` seconds have passed; or, where
    `before` is given, just before the run renames something to a path that contains it. `alone`: only the run itself,
    as a system short of memory does; its workers must leave the warehouse to the next run."""

    step: str
    made: str = ""
    later: float = 0
    before: str = ""
    alone: bool = False

    def __str__(self) -> str:
        return f"{self.step}: " + (f"before {self.before}" if self.before else f"{self.made} + {self.later} s")


ONE_A_STEP = [
    Moment("landing", before="/landing/landed/agency_returns/"),
    Moment("models", made="build/*/marts.duckdb", later=2, alone=True),
    Moment("checks", made="build/*/ops/finding.computed.parquet"),
    Moment("release", before="/warehouse/current"),
]
OTHERS = [
    Moment("landing", made="build/*/ops"),
    Moment("models", made="build/*/dbt"),
    Moment("models", made="build/*/marts.duckdb"),
    Moment("checks", made="build/*/ops/check_result.this.parquet"),
    Moment("release", made="build/*/parquet/marts"),
    Moment("release", before="/warehouse/releases/"),
]


def killed(installation: Installation, moment: Moment) -> None:
    """Start a run and kill it, children and all, at the moment."""
    path = os.pathsep.join(filter(None, [str(DYING), os.environ.get("PYTHONPATH", "")]))
    dying = {"PYTHONPATH": path, "DIE_BEFORE": moment.before} if moment.before else {}
    run = installation.start("nightly", **dying)
    if not moment.before:
        _await(lambda: any(installation.settings.warehouse.glob(moment.made)), lambda: run.poll() is not None)
        time.sleep(moment.later)
        (os.kill if moment.alone else os.killpg)(run.pid, signal.SIGKILL)
    _, told = run.communicate(timeout=900)
    assert run.returncode == -signal.SIGKILL, f"{moment}: not killed, exit {run.returncode}\n{told}"


def _await(happened: Callable[[], bool], over: Callable[[], bool]) -> None:
    end = time.monotonic() + 900
    while not happened():
        assert not over(), "the run ended before the moment came"
        assert time.monotonic() < end, "the moment did not come"
        time.sleep(0.002)


def test_kills_leave_the_release_as_it_was(released: Installation, corrected: Installation, tmp_path: Path) -> None:
    installation = released.copied_to(tmp_path)
    outcomes = {AS_SHIPPED: released.parquet, CORRECTED: corrected.parquet}
    assert outcomes[AS_SHIPPED] != outcomes[CORRECTED]
    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    before = installation.in_service, installation.parquet
    for moment in ONE_A_STEP:
        killed(installation, moment)
        assert (installation.in_service, installation.parquet) == before, str(moment)
    installation.released_again()
    assert installation.parquet == outcomes[CORRECTED]
    served = CORRECTED
    for moment in ONE_A_STEP + OTHERS if "CARESTAT_EVERY_KILL" in os.environ else []:
        delivered = CORRECTED if served == AS_SHIPPED else AS_SHIPPED
        installation.replace(RETURNS, served, delivered)
        before = installation.in_service, installation.parquet
        killed(installation, moment)
        assert (installation.in_service, installation.parquet) == before, str(moment)
        installation.released_again()
        assert installation.parquet == outcomes[delivered], str(moment)
        served = delivered
    assert [folder.name for folder in (installation.settings.warehouse / "build").iterdir()] in ([], ["current"])
