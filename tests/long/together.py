"""Two runs started at once: one works, the other waits and then finds nothing new; one that may not wait says so.

The second is the command again, or Dagster's job as schedule and sensor start it, which has been asked for and so does
its work once more: what it releases is the same.

usage: python -m tests.long.together [--folder DIR] [--to together.json]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, RETURNS, Installation, deliver_small
from tests.long import told
from tests.long.served import contents_agree, release_in_service

Run = tuple[str, int, str]


def job(installation: Installation) -> subprocess.Popen[str]:
    """Dagster's job, in a process group of its own."""
    dagster = Path(sys.executable).with_name("dagster")
    return subprocess.Popen(
        [dagster, "job", "execute", "-m", "pipelines.definitions", "-j", "nightly"],
        cwd=PROJECT,
        env=installation.environment() | {"DAGSTER_HOME": str(installation.settings.dagster_home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def command(installation: Installation) -> subprocess.Popen[str]:
    return installation.start("nightly")


def impatient(installation: Installation) -> subprocess.Popen[str]:
    return installation.start("nightly", CARESTAT_WAIT="1")


#: what is started, one right after another; what each must say and end with
TRIALS = {
    "two commands": [(command, 0, "已发布"), (command, 0, "没有新交付")],
    "a command, then the job": [(command, 0, "已发布"), (job, 0, "")],
    "the job, then a command": [(job, 0, ""), (command, 0, "没有新交付")],
    "a command that may not wait": [(command, 0, "已发布"), (impatient, 1, "另一次运行仍在进行")],
}


def tried(installation: Installation, trial: str) -> list[str]:
    """What was not as it must be, a line each."""
    building = installation.settings.warehouse / "build"
    runs: list[subprocess.Popen[str]] = []
    for start, _, _ in TRIALS[trial]:
        runs.append(start(installation))
        while not any(building.glob("*/ops")) and runs[0].poll() is None:
            time.sleep(0.01)
    ended: list[Run] = []
    for run, (start, _, _) in zip(runs, TRIALS[trial], strict=True):
        out, words = run.communicate(timeout=1800)
        ended.append((start.__name__, run.returncode, out + words))
    release_in_service(installation)
    contents_agree(installation)
    return [
        f"{name}: exit {code}, without {said!r}: {words[-800:]}"
        for (name, code, words), (_, expected, said) in zip(ended, TRIALS[trial], strict=True)
        if code != expected or said not in words
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path("together.json"))
    options = parser.parse_args(arguments)
    installation = Installation.in_folder((options.folder or Path(tempfile.mkdtemp(prefix="together-"))).resolve())
    deliver_small(installation.raw)
    installation.released_again()
    delivered, seen = AS_SHIPPED, {}
    for number, trial in enumerate(TRIALS, 1):
        following = f"pension_insured,{747000 + number},"
        installation.replace(RETURNS, delivered, following)
        delivered = following
        releases = len(list((installation.settings.warehouse / "releases").iterdir()))
        wrong = tried(installation, trial)
        releases = len(list((installation.settings.warehouse / "releases").iterdir())) - releases
        seen[trial] = {"new releases": releases, "wrong": wrong}
        told.keep(options.to, seen)
    print(
        told.table(
            ("started at once", "new releases", "wrong"),
            [(trial, one["new releases"], "; ".join(one["wrong"]) or "nothing") for trial, one in seen.items()],
        )
    )
    return 1 if any(one["wrong"] for one in seen.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
