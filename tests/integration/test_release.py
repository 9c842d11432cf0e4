"""While a run works: readers read on, a second run waits, and what is released depends on the deliveries alone."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

import tests.integration.reader as reader
from pipelines.settings import PROJECT
from pipelines.warehouse import read
from pipelines.warehouse.lock import run_lock
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation

READERS = 8


@dataclass(frozen=True)
class Night:
    """What happened while a corrected delivery was released under the eyes of eight readers and of a second run."""

    installation: Installation
    answers: list[tuple[object, ...]]
    readers: list[dict[str, object]]
    second: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def night(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("night")
    installation = released.copied_to(folder)
    old = tuple(installation.rows(reader.QUESTION)[0])
    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    stop = folder / "stop"
    asking = [
        subprocess.Popen(
            [sys.executable, reader.__file__, str(installation.settings.released), str(stop)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(READERS)
    ]
    try:
        first = installation.start("nightly")
        while not any((installation.settings.warehouse / "build").glob("*/ops")):
            assert first.poll() is None
            time.sleep(0.01)
        second = installation.start("nightly")
        _, told = first.communicate(timeout=900)
        assert first.returncode == 0, told
        out, told = second.communicate(timeout=300)
    finally:
        time.sleep(1)
        stop.touch()
        said = [process.communicate(timeout=300) for process in asking]
    assert [process.returncode for process in asking] == [0] * READERS, said
    return Night(
        installation,
        [old, tuple(installation.rows(reader.QUESTION)[0])],
        [json.loads(answer) for answer, _ in said],
        subprocess.CompletedProcess([], second.returncode, out, told),
    )


def test_eight_readers_see_the_old_or_the_new_release_and_no_error(night: Night) -> None:
    old, new = night.answers
    assert old[0] != new[0] and old[3] != new[3]
    for told in night.readers:
        assert told["asked"] > 10
        assert sorted(map(tuple, told["answers"])) == sorted([old, new])


def test_a_second_run_waits_and_then_finds_nothing_new(night: Night) -> None:
    assert night.second.returncode == 0
    assert "没有新交付" in night.second.stderr


def test_nothing_new_starts_no_dagster_run_and_changes_nothing(night: Night) -> None:
    installation = night.installation
    history = installation.settings.dagster_home / "history" / "runs"
    before = sorted(history.iterdir()), installation.in_service, installation.settings.ops.stat().st_mtime_ns
    done = installation.run("nightly")
    assert (done.returncode, "没有新交付" in done.stderr) == (0, True)
    assert before == (sorted(history.iterdir()), installation.in_service, installation.settings.ops.stat().st_mtime_ns)


def test_a_run_that_waited_too_long_fails(night: Night) -> None:
    with run_lock(night.installation.var):
        done = night.installation.run("nightly", CARESTAT_WAIT="0.5")
    assert done.returncode == 1
    assert "另一次运行仍在进行" in done.stderr


def test_an_earlier_release_still_answers(night: Night) -> None:
    old, new = night.answers
    settings = night.installation.settings
    assert tuple(read.query(read.released_file(settings, str(old[0])), reader.QUESTION)[1][0]) == old
    asked = night.installation.run("query", "--release", str(old[0]), "select release_id from ops.release")
    assert (asked.returncode, str(old[0]) in asked.stdout) == (0, True)
    unknown = night.installation.run("query", "--release", "never", "select 1")
    assert unknown.returncode == 1 and str(new[0]) in unknown.stderr


def test_the_revision_is_told(night: Night) -> None:
    revised = night.installation.rows("select region_code, period, old, new, releases from ops.revision")
    old, new = night.answers
    assert ("500113", "2021", 747000 / 8220, 748000 / 8220, f"{old[0]} → {new[0]}") in revised


def test_the_same_deliveries_elsewhere_give_the_same_bytes(
    night: Night, released: Installation, corrected: Installation
) -> None:
    """After an earlier release or from nothing, in any folder, order and age of files, by the command or by the job."""
    assert night.installation.parquet == corrected.parquet
    assert len(corrected.parquet) > 10
    assert corrected.parquet != released.parquet
