"""Hostile statements at every local door: none writes anything, none reads a file outside, each ends in time."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import digest
from tests.worked_queries import python_snippets

DRIVER = PROJECT / "tests" / "hostile" / "local_doors.py"
SECRET = "7f3a-planted-secret"
RELEASE = "20260101T000000Z-00000000"
STATEMENTS = [
    (re.sub(r"^-- (?:bomb|answers)$", "", text, flags=re.MULTILINE).strip(), text)
    for text in (PROJECT / "tests" / "hostile" / "duckdb.sql").read_text(encoding="utf-8").split("\n----\n")[1:]
]
PLACE = re.compile(r"\{(released|secret|folder)\}")
DOORS = {"argument", "release", "file", "pipe", "python"}


@dataclass(frozen=True)
class Knocked:
    """What every door said to every statement, and the files around before and after."""

    answers: list[dict[str, Any]]
    before: dict[str, str]
    after: dict[str, str]


def tree(*folders: Path) -> dict[str, str]:
    """Every file and folder below, with the digest of its content."""
    return {
        str(path): digest(path) if path.is_file() else "" for folder in folders for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders to stand in, and `var` with one release of a few rows. All are its own: only the doors guard."""
    folder = tmp_path_factory.mktemp("hostile")
    for made in ("stands", "home", "temporary", "outside", f"var/warehouse/releases/{RELEASE}"):
        (folder / made).mkdir(parents=True)
    warehouse = folder / "var" / "warehouse"
    (warehouse / "current").symlink_to(f"releases/{RELEASE}")
    (warehouse / "marts.duckdb").symlink_to("current/marts.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}/releases/{RELEASE}/marts.duckdb' as release; use release")
        connection.execute("create schema marts; create schema ops")
        connection.execute("create table marts.indicator_value as select 1.5 as value, 'a note' as note")
        connection.execute("create table marts.population as select 'male' as sex, 7 as population")
        connection.execute("create table marts.facility as select 'x' as facility_id")
        connection.execute("create table ops.quarantine as select 'a.csv' as path")
    (folder / "stands" / "var").symlink_to(folder / "var")
    (folder / "outside" / "secret.csv").write_text(f"id,text\n1,{SECRET}\n", encoding="utf-8")
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
        "CARESTAT_MEMORY": "256",
        "PLANTED": SECRET,
    }


@pytest.fixture(scope="module")
def knocked(folder: Path) -> Knocked:
    places = {
        "released": (folder / "var" / "warehouse" / "marts.duckdb").resolve(),
        "secret": folder / "outside" / "secret.csv",
        "folder": folder / "stands",
    }
    filled = []
    for statement, marked in STATEMENTS:
        text = PLACE.sub(lambda named: str(places[named[1]]), statement)
        filled.append((text, "-- bomb" in marked))
    opening = python_snippets()[0].partition("\nquestion =")[0]
    (folder / "asked.json").write_text(json.dumps({"statements": filled, "opening": opening}), encoding="utf-8")
    watched = [folder / name for name in ("var", "stands", "home", "temporary", "outside")]
    before = tree(*watched)
    done = subprocess.run(
        [sys.executable, DRIVER, "var", RELEASE, folder / "asked.json", folder / "script.sql"],
        cwd=folder / "stands", env=environment(folder), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert SECRET not in done.stderr
    return Knocked([json.loads(line) for line in done.stdout.splitlines()], before, tree(*watched))


def test_there_are_enough_of_them_and_each_came_to_every_door(knocked: Knocked) -> None:
    assert len(STATEMENTS) >= 100
    met = {(answer["statement"], answer["door"]) for answer in knocked.answers}
    bombs = sum("-- bomb" in marked for _, marked in STATEMENTS)
    assert len(met) == len(STATEMENTS) * len(DOORS) - bombs


def test_nothing_is_written_anywhere(knocked: Knocked) -> None:
    assert knocked.after == knocked.before


def test_no_planted_secret_is_told(knocked: Knocked) -> None:
    assert [answer for answer in knocked.answers if SECRET in answer["told"]] == []


def test_the_command_refuses_all_but_the_harmless_ones(knocked: Knocked) -> None:
    harmless = {place for place, (_, marked) in enumerate(STATEMENTS) if "-- answers" in marked}
    asked = list(dict.fromkeys(answer["statement"] for answer in knocked.answers))
    for answer in knocked.answers:
        if answer["door"] != "python":
            expected = 0 if asked.index(answer["statement"]) in harmless else 1
            assert (answer["code"], "Traceback" in answer["told"]) == (expected, False), answer


def test_a_statement_that_will_not_stop_is_ended(folder: Path) -> None:
    stubborn = "select list_reduce(range(100000000), lambda a, b: a + b)"
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "query", "--timeout", "0.2", "--var", folder / "var", stubborn],
        cwd=PROJECT, env=environment(folder) | {"CARESTAT_MEMORY": "4096"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "不能停下" in done.stderr
