"""Five nights of one installation, lived through once; what each left is kept for the tests that judge it.

1 a figure is delivered anew, under the eyes of eight readers and of a second run · 2 rows are refused, a rate is
withheld, a figure revised and another corrected · 3 a rate that is not withheld fails a critical check · 4 all of that
is taken back · 5 nothing is new.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.integration.reader as reader
from pipelines.settings import PROJECT
from pipelines.warehouse import read
from tests.integration.installation import AS_SHIPPED, CORRECTED, FACILITIES, RETURNS, Installation

READERS = 8
HEADER_LINES = 1
FACILITY = "500113YL0001,龙洲湾街道第1社会福利院,500113,500113003,,城市,社会福利院,公办,事业单位,是,300,130,90,90,162"
SECOND, EARLIER = RETURNS.replace(".csv", "_r2.csv"), RETURNS.replace("2021", "2020")
FILE = "expectations/agency_returns.corrections.yml"
RECORDS = """
- match: {period: 2020, supplier: 500113, item_code: pension_insured}
  column: value
  from: 738000
  to: 73.9万
  reason: 区人社局更正函
  approved_by: 统计科
- match: {period: 2021, supplier: 500113, item_code: pension_insured}
  column: value
  from: 747000
  to: 74.8万
  reason: 报送单位已自行更正，本条应失效
  approved_by: 统计科
"""
REGISTERED = ("special_equipment_registered,90,", "special_equipment_registered,182,")  # of 91: 200 %
INSURED = ("pension_insured,750000,", "pension_insured,1068600,")  # of 822,000: 130 %


@dataclass(frozen=True)
class Night:
    """What one night left: how its run ended and what it said, its record, its report, what was in service, and the
    answers to suppliers, by path below quarantine/."""

    run: subprocess.CompletedProcess[str]
    in_service: tuple[str, str]
    parquet: dict[str, str]
    ops: Path
    report: dict[str, Any]
    answers: dict[str, bytes]

    def recorded(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the night's ops.duckdb."""
        return read.query(self.ops, sql)[1]


@dataclass(frozen=True)
class FiveNights:
    """The installation after five nights. `answers` and `readers`: what eight of them could see in the first one, and
    what they saw; `second`: the run that was started while the first one worked."""

    installation: Installation
    nights: list[Night]
    answers: list[tuple[object, ...]]
    readers: list[dict[str, object]]
    second: subprocess.CompletedProcess[str]

    def rows(self, night: int, sql: str) -> list[tuple[Any, ...]]:
        """Rows of what was in service after a night, 1 to 5."""
        released = read.released_file(self.installation.settings, self.nights[night - 1].in_service[1])
        return read.query(released, sql)[1]


def lived_through(released: Installation, folder: Path) -> FiveNights:
    """Five nights that begin with a copy of a released installation."""
    shutil.copytree(PROJECT / "expectations", folder / "expectations")
    # the release that ships had the same suites; only the folder is another
    installation = dataclasses.replace(released.copied_to(folder), expectations=folder / "expectations")
    asked = [tuple(installation.rows(reader.QUESTION)[0])]

    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    run, second, readers = _watched(installation, folder / "stop")
    nights = [_kept(installation, run, folder / "1.duckdb")]
    asked.append(tuple(installation.rows(reader.QUESTION)[0]))

    facilities = (installation.raw / FACILITIES).read_bytes()
    _send_what_is_refused(installation)
    nights.append(_kept(installation, installation.run("nightly"), folder / "2.duckdb"))

    installation.replace(SECOND, *INSURED)
    run = installation.run("nightly", CARESTAT_DBT_VARS="{withhold_out_of_range: false}")
    nights.append(_kept(installation, run, folder / "3.duckdb"))

    (installation.raw / FACILITIES).write_bytes(facilities)
    (installation.raw / SECOND).unlink()
    (folder / FILE).unlink()
    nights.append(_kept(installation, installation.run("nightly"), folder / "4.duckdb"))
    nights.append(_kept(installation, installation.run("nightly"), folder / "5.duckdb"))
    return FiveNights(installation, nights, asked, readers, second)


def _kept(installation: Installation, run: subprocess.CompletedProcess[str], ops: Path) -> Night:
    shutil.copyfile(installation.settings.ops, ops)
    report = json.loads((installation.var / "reports" / "latest.json").read_text(encoding="utf-8"))
    top = installation.var / "quarantine"
    answers = {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*.answer.*"))}
    return Night(run, installation.in_service, installation.parquet, ops, report, answers)


def _watched(
    installation: Installation, stop: Path
) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str], list[dict[str, object]]]:
    """A run among readers, a second one started while it works, and what each reader told."""
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
        runs = [installation.start("nightly")]
        while not any((installation.settings.warehouse / "build").glob("*/ops")):
            assert runs[0].poll() is None
            time.sleep(0.01)
        runs.append(installation.start("nightly"))
        said = [run.communicate(timeout=900)[1] for run in runs]
    finally:
        time.sleep(1)
        stop.touch()
        told = [process.communicate(timeout=300) for process in asking]
    assert [process.returncode for process in asking] == [0] * READERS, told
    first, second = (
        subprocess.CompletedProcess(run.args, run.returncode, "", words) for run, words in zip(runs, said, strict=True)
    )
    return first, second, [json.loads(answer) for answer, _ in told]


def _send_what_is_refused(installation: Installation) -> None:
    """Three rows that no register may have, appended to a good one; returns sent again, with another figure, a rate of
    200 % and an amount that is none; a correction of the year before."""
    (installation.expectations / Path(FILE).name).write_text(RECORDS, encoding="utf-8")
    path = installation.raw / FACILITIES
    good = path.read_text(encoding="utf-8-sig").splitlines()
    assert good[HEADER_LINES].startswith(FACILITY)
    good[-1:] = [line for line in good[-1:] if line]
    rest = good[HEADER_LINES].split(",")[1:]
    too_many, elsewhere = list(rest), list(rest)
    too_many[9:11] = ["300", "301"]
    elsewhere[1] = "999999"
    bad = ["500113YL9001," + ",".join(too_many), "500113YL9002," + ",".join(elsewhere), good[HEADER_LINES]]
    path.write_text("\ufeff" + "\n".join([*good, *bad]) + "\n", encoding="utf-8")
    shutil.copyfile(installation.raw / RETURNS, installation.raw / SECOND)
    installation.replace(SECOND, CORRECTED, INSURED[0])
    installation.replace(SECOND, *REGISTERED)
    with (installation.raw / SECOND).open("a", encoding="utf-8") as lines:
        lines.write("500113,urban_dependents,约12,人,民政局\n")
