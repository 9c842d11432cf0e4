"""Two processes land side by side: the month of a source is settled by one of them, and both say the same."""

import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.landing import ahead, land
from pipelines.landing.land import Landing
from pipelines.landing.store import alone_in
from pipelines.settings import PROJECT

COUNTS = "区划代码,性别,年龄组,死亡人数"
PERIODS = [str(year) for year in range(2018, 2026)]
HOLD = """
import sys, time
from pathlib import Path
from pipelines.landing.store import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def years(world):
    """Deaths of eight years."""
    for number, period in enumerate(PERIODS):
        world.table(f"deaths/{period}/511702.csv", COUNTS, f"511702,合计,合计,{number}")
    return world


def test_each_month_is_settled_by_one(years, monkeypatch):
    settled = Counter()
    real = Landing._settle

    def slow(self, source, form, period, *rest):
        settled[source, period] += 1
        time.sleep(0.05)
        return real(self, source, form, period, *rest)

    monkeypatch.setattr(Landing, "_settle", slow)
    both = [Landing(years.raw, years.var, backwards=backwards) for backwards in (False, True)]
    with ThreadPoolExecutor(2) as pool:
        forwards, backwards = pool.map(lambda landing: landing.land("deaths"), both)
    assert settled == Counter([("regions", "2023-12-31"), *(("deaths", period) for period in PERIODS)])
    assert forwards.files == backwards.files
    assert years.landed(forwards)["deaths"].to_list() == list(range(8))


def test_what_was_landed_ahead_its_run_finds(years, monkeypatch):
    ahead.land_from_the_end(years.raw, years.var, PROJECT / "expectations")

    def never(*arguments):
        raise AssertionError("settled again")

    monkeypatch.setattr(Landing, "_settle", never)
    assert years.landed(years.land("deaths"))["deaths"].to_list() == list(range(8))


def test_what_is_damaged_its_run_sees_though_the_process_ahead_does_not_look(years, monkeypatch):
    [newest] = [file for file in years.land("deaths").files if file.parent.name == PERIODS[-1]]
    newest.write_bytes(newest.read_bytes()[:-1] + b"\0")
    looked = []
    monkeypatch.setattr(land, "whole_sidecar", lambda path, *rest: looked.append(path.parent.parent.name))
    Landing(years.raw, years.var, backwards=True).land("deaths")
    assert set(looked) == {"regions"}
    monkeypatch.undo()
    assert years.landed(years.land("deaths"))["deaths"].to_list() == list(range(8))


def test_a_process_that_was_killed_keeps_nobody_waiting(tmp_path):
    folder = tmp_path / "deaths" / "2024"
    other = subprocess.Popen([sys.executable, "-c", HOLD, folder], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    with ThreadPoolExecutor(1) as pool:

        def wait() -> float:
            with alone_in(folder):
                return time.monotonic()

        waiting = pool.submit(wait)
        time.sleep(0.3)
        assert not waiting.done()
        killed = time.monotonic()
        other.kill()
        other.communicate()
        assert waiting.result(timeout=60) >= killed
