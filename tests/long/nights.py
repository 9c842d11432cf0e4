"""Thirty nights in one go, each under its own clock (nights.yml): what arrives, what is refused, what goes wrong.

Every morning the released Parquet equals, byte by byte, that of a build from nothing over the same deliveries, and the
night's report and ops.duckdb name what happened. With --readers, statisticians read through all of it.

usage: python -m tests.long.nights [--nights 30] [--readers 0] [--folder DIR] [--to nights.json]
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines.settings import PROJECT
from tests.integration.installation import Installation
from tests.long import told
from tests.long.clock import library, set_to
from tests.long.judge import report_of, wrong_in_ops, wrong_in_report
from tests.long.readers import Reading, read_while
from tests.long.script import Night, script
from tests.long.served import contents_agree, release_in_service

#: exit codes of a night's runs, by what is expected of it
EXITS = {"released": {0}, "nothing_new": {0}, "checks_failed": {1}, "killed": {-signal.SIGKILL}}
#: seconds into the models at which the killed night dies
INTO_MODELS = 4.0
#: what the two suppliers of the script owe
CALENDAR = Path(__file__).with_name("delivery_calendar.csv")


@dataclass
class Morning:
    """What a night left. `like_anew`: whether a build from nothing gave the same Parquet; None where none was made."""

    number: int
    night: str
    clock: str
    zone: str
    how: str
    release_id: str = ""
    exits: list[int] = field(default_factory=list)
    seconds: float = 0
    like_anew: bool | None = None
    named: bool | None = None
    wrong: list[str] = field(default_factory=list)


class Nights:
    """The installation that lives through all nights, and one that is made anew each morning."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "expectations").mkdir()
        for path in (PROJECT / "expectations").glob("*.*"):
            if not path.name.endswith(".corrections.yml"):
                shutil.copyfile(path, folder / "expectations" / path.name)
        shutil.copyfile(CALENDAR, folder / "expectations" / CALENDAR.name)
        self.folder = folder
        self.installation = dataclasses.replace(Installation.in_folder(folder), expectations=folder / "expectations")
        self.installation.raw.mkdir()
        self.anew = dataclasses.replace(self.installation, var=folder / "anew")
        self.library = library(folder)
        self.parquet: dict[int, dict[str, str]] = {}

    def spend(self, number: int, night: Night) -> Morning:
        """One night, and everything that must be true in the morning."""
        morning = Morning(number, night.night, night.when.isoformat(), night.zone, night.how)
        installation, state = self.installation, night.expect["state"]
        before = installation.in_service if number > 1 else None
        night.happen(installation.raw, installation.expectations)
        began = time.monotonic()
        morning.exits = self._run(night)
        morning.seconds = round(time.monotonic() - began, 1)
        if set(morning.exits) != EXITS[state]:
            morning.wrong.append(f"exit codes {morning.exits}")
        if not installation.settings.released.exists():
            morning.wrong.append("nothing is in service")
            return morning
        morning.release_id = release_in_service(installation)
        contents_agree(installation)
        self.parquet[number] = installation.parquet
        after = installation.in_service
        if before and (before == after) == (state == "released"):
            morning.wrong.append(f"in service before {before[1]}, after {after[1]}")
        if before and after[1] < before[1]:
            morning.wrong.append(f"the id {after[1]} is below {before[1]}")
        same = night.expect.get("same_as")
        if same and self.parquet[number] != self.parquet[same]:
            morning.wrong.append(f"Parquet differs from that of night {same}")
        if state == "released":
            morning.like_anew = self._anew(night) == installation.parquet
            if not morning.like_anew:
                morning.wrong.append("Parquet differs from that of a build from nothing")
        if state != "killed":
            unnamed = wrong_in_ops(night.expect, installation) if state != "nothing_new" else []
            if night.how != "job":  # whose report is Dagster's daemon's to write
                unnamed += wrong_in_report(night.expect, report_of(installation))
            morning.named = not unnamed
            morning.wrong += unnamed
        return morning

    def _run(self, night: Night) -> list[int]:
        """The exit codes of the night's runs."""
        variables = set_to(night.when, self.library) | night.variables
        if night.how == "job":
            return [self._run_job(variables)]
        runs = [self.installation.start("nightly", **variables) for _ in range(1 + (night.how == "two"))]
        if night.how == "killed":
            building = self.installation.settings.warehouse / "build"
            while not any(building.glob("*/marts.duckdb")) and runs[0].poll() is None:
                time.sleep(0.05)
            time.sleep(INTO_MODELS)
            os.killpg(runs[0].pid, signal.SIGKILL)
        words = [run.communicate(timeout=1800)[1] for run in runs]
        if night.how == "two":
            assert sorted("没有新交付" in said for said in words) == [False, True], words
        for said in words:
            (self.folder / "said").open("a", encoding="utf-8").write(f"--- {night.night}\n{said}\n")
        return [run.returncode for run in runs]

    def _run_job(self, variables: dict[str, str]) -> int:
        command = [Path(sys.executable).with_name("dagster"), "job", "execute", "-m", "pipelines.definitions"]
        home = {"DAGSTER_HOME": str(self.installation.settings.dagster_home)}
        done = subprocess.run(
            [*command, "-j", "nightly"], cwd=PROJECT, env=self.installation.environment() | variables | home,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode

    def _anew(self, night: Night) -> dict[str, str]:
        """The Parquet of the same deliveries in an empty var, but for the parsed models, which are no result."""
        shutil.rmtree(self.anew.var, ignore_errors=True)
        shutil.copytree(self.installation.var / "dbt", self.anew.var / "dbt")
        done = self.anew.run("nightly", **set_to(night.when, self.library), **night.variables)
        assert done.returncode == 0, done.stderr
        return self.anew.parquet


def lived_through(nights: Nights, spent: list[Morning], count: int, to: Path) -> None:
    """All nights in order; what is known so far is kept after each."""
    for number, night in enumerate(script()[:count], 1):
        morning = nights.spend(number, night)
        spent.append(morning)
        told.keep(to, {"nights": [asdict(one) for one in spent]})
        print(f"{number:3}  {morning.clock}  {night.expect['state']:13}  {morning.seconds:6.1f} s  {night.night}"
              f"  {'; '.join(morning.wrong)}", flush=True)  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path("nights.json"))
    options = parser.parse_args(arguments)
    nights = Nights((options.folder or Path(tempfile.mkdtemp(prefix="nights-"))).resolve())
    spent: list[Morning] = []
    reading: Reading | None = None
    if options.readers:
        with read_while(nights.installation, options.readers) as reading:
            lived_through(nights, spent, options.nights, options.to)
    else:
        lived_through(nights, spent, options.nights, options.to)
    read = reading.told() if reading else {}
    told.keep(options.to, {"nights": [asdict(one) for one in spent], "readers": read})
    rows = [
        (one.number, one.clock[:16], one.zone, one.how, one.night, one.release_id[:16],
         {True: "equal", False: "DIFFERS", None: "-"}[one.like_anew], {True: "yes", False: "NO", None: "-"}[one.named])
        for one in spent
    ]  # fmt: skip
    head = ("", "clock", "zone", "how", "night", "in service", "build from nothing", "report names it")
    print(told.table(head, rows))
    wrong = [line for one in spent for line in one.wrong] + read.get("wrong", [])
    print(*wrong or ["nothing wrong"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
