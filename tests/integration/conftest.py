"""Small released installations for all workers, each made by the first that needs it.

Tests that change anything work on a copy.
"""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation, deliver_small


def made_once(folder: Path, make: Callable[[Installation], object]) -> Installation:
    """The installation in a folder that all workers share."""
    installation = Installation.in_folder(folder)
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "ready").exists():
            assert not folder.exists(), "the first run of this installation failed in another worker"
            make(installation)
            (folder / "ready").touch()
    return installation


@pytest.fixture(scope="session")
def released(shared_folder: Path, parsed: Path) -> Installation:
    """Banan's 2020 and 2021, released. Read it, never write to it."""

    def deliver_and_release(installation: Installation) -> None:
        deliver_small(installation.raw)
        installation.takes_parsed(parsed)
        installation.released_again()

    return made_once(shared_folder / "small", deliver_and_release)


@pytest.fixture(scope="session")
def corrected(released: Installation, shared_folder: Path, parsed: Path) -> Installation:
    """The same deliveries with one figure corrected, released elsewhere from nothing: the files came in another order
    and at other times, and Dagster's job ran without the command, as the schedule and the sensor start it."""

    def deliver_and_run_the_job(installation: Installation) -> None:
        deliveries = installation.raw.with_name("delivered")
        deliver_small(deliveries)
        files = sorted(path for path in deliveries.rglob("*") if path.is_file())
        random.Random(7).shuffle(files)
        for age, path in enumerate(files):
            target = installation.raw / path.relative_to(deliveries)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            os.utime(target, (1_500_000_000 + age, 1_500_000_000 + age))
        installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
        shutil.copytree(released.key.parent, installation.key.parent)
        installation.takes_parsed(parsed)
        home = installation.settings.dagster_home
        home.mkdir()
        (home / "dagster.yaml").write_bytes((PROJECT / "dagster.yaml").read_bytes())
        done = subprocess.run(
            [Path(sys.executable).with_name("dagster"), "job", "execute", "-m", "pipelines.definitions", "-j",
             "nightly"],
            cwd=PROJECT, env=installation.environment() | {"DAGSTER_HOME": str(home)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]

    return made_once(shared_folder / "corrected", deliver_and_run_the_job)
