"""Hostile statements at every local door: none writes anything, none reads a file outside, each ends in time."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import Installation, digest
from tests.worked_queries import python_snippets

pytestmark = pytest.mark.integration

SECRET = "7f3a-planted-secret"
STATEMENTS = [
    (re.sub(r"^-- (?:bomb|answers)$", "", text, flags=re.MULTILINE).strip(), text)
    for text in (PROJECT / "tests" / "hostile" / "duckdb.sql").read_text(encoding="utf-8").split("\n----\n")[1:]
]
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
def knocked(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Knocked:
    """As the owner of the files: here only the doors guard them, not the permissions."""
    folder = tmp_path_factory.mktemp("hostile")
    kept = ("var", "stands", "home", "temporary", "outside")
    var, stands, home, temporary, outside = (folder / name for name in kept)
    for made in (stands, home, temporary, outside):
        made.mkdir()
    shutil.copytree(released.settings.warehouse, var / "warehouse", symlinks=True)
    (stands / "var").symlink_to(var)
    secret = outside / "secret.csv"
    secret.write_text(f"id,text\n1,{SECRET}\n", encoding="utf-8")
    places = {"released": str((var / "warehouse" / "marts.duckdb").resolve()), "secret": str(secret)}
    filled = []
    for statement, marked in STATEMENTS:
        for place, path in (places | {"folder": str(stands)}).items():
            statement = statement.replace(f"{{{place}}}", path)
        filled.append((statement, "-- bomb" in marked))
    opening = python_snippets()[0].partition("\nquestion =")[0]
    (folder / "asked.json").write_text(json.dumps({"statements": filled, "opening": opening}), encoding="utf-8")
    [release] = [path.name for path in (var / "warehouse" / "releases").iterdir()]
    before = tree(var, stands, home, temporary, outside)
    done = subprocess.run(
        [sys.executable, PROJECT / "tests" / "hostile" / "local_doors.py", "var", release, folder / "asked.json",
         folder / "script.sql"],
        cwd=stands,
        env={"PYTHONPATH": str(PROJECT), "HOME": str(home), "TMPDIR": str(temporary), "PATH": "/usr/bin:/bin",
             "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8", "CARESTAT_MEMORY_MB": "256", "PLANTED": SECRET},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert SECRET not in done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return Knocked(answers, before, tree(var, stands, home, temporary, outside))


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
    harmless = {statement for statement, marked in STATEMENTS if "-- answers" in marked}
    answered = {
        answer["statement"] for answer in knocked.answers if answer["door"] != "python" and answer["code"] != 1
    }
    assert answered == harmless


def test_a_statement_that_will_not_stop_is_ended(released: Installation) -> None:
    stubborn = "select list_reduce(range(100000000), lambda a, b: a + b)"
    done = released.run("query", "--timeout", "0.2", stubborn, CARESTAT_MEMORY_MB="4096")
    assert (done.returncode, done.stdout) == (1, "")
    assert "不能停下" in done.stderr
