"""`carestat query`: what it answers, in which forms, how it stops, and that a reader needs no more than to read.

That no statement writes or reads a file is in tests/hostile.
"""

import csv
import io
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from decimal import Decimal
from itertools import count, islice
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.settings import PROJECT
from pipelines.warehouse.result_forms import csv_lines, json_parts
from tests.integration.installation import Installation, digest


def asked(installation: Installation, *arguments: str | Path, text: str = "") -> Result:
    """The command in this process."""
    return CliRunner().invoke(main, ["query", "--var", str(installation.var), *map(str, arguments)], input=text)


def test_a_refusal_is_told_with_exit_1(released: Installation) -> None:
    refused = released.run("query", "drop table marts.indicator_value")
    assert refused.returncode == 1 and refused.stderr.strip() and not refused.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["query"],
        ["query", "select 1", "--format", "xml"],
        ["nightly", "--what"],
        ["yearly"],
        ["nightly", "--raw", "/nowhere/at/all"],
    ],
)
def test_wrong_usage(released: Installation, arguments: list[str]) -> None:
    assert released.run(*arguments).returncode == 2


def test_null_is_empty_and_not_zero(released: Installation) -> None:
    question = "select cast(null as integer) as nothing, 0 as zero, '一老' as text"
    table = released.run("query", question).stdout.splitlines()
    assert table[-1].split() == ["0", "一老"] or table[-2].split() == ["0", "一老"]
    rows = list(csv.reader(io.StringIO(released.run("query", question, "--format", "csv").stdout)))
    assert rows == [["nothing", "zero", "text"], ["", "0", "一老"]]
    assert json.loads(released.run("query", question, "--format", "json").stdout) == [
        {"nothing": None, "zero": 0, "text": "一老"}
    ]


def test_the_printed_table_of_the_document(released: Installation) -> None:
    asked = released.run("query", "select * from marts.banan_2021_74_annex_1", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(asked.stdout)))
    assert asked.returncode == 0
    assert [row["row_no"] for row in rows] == [str(number) for number in range(1, 24)]


def test_before_the_first_release(tmp_path: Path) -> None:
    empty = Installation.in_folder(tmp_path)
    asked = empty.run("query", "select 1")
    assert asked.returncode == 1 and "尚无发布" in asked.stderr


MIXED = """
    select * from (values ('050011', 1, 2.50, date '2024-03-05', '=1+1', true), ('x', null, null, null, null, null))
    as rows(code, whole, amount, day, text, yes) order by code
"""


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_holds_what_the_screen_shows(released: Installation, tmp_path: Path, ending: str) -> None:
    done = asked(released, MIXED, "--out", tmp_path / f"rows.{ending}")
    assert (done.exit_code, done.stdout) == (0, "")
    written = (tmp_path / f"rows.{ending}").read_bytes()
    mark = "\ufeff".encode() if ending == "csv" else b""
    assert written == mark + asked(released, MIXED, "--format", ending).stdout_bytes
    assert os.stat(tmp_path / f"rows.{ending}").st_mode & 0o777 == 0o600


def test_a_workbook_keeps_codes_numbers_dates_and_what_is_missing(released: Installation, tmp_path: Path) -> None:
    for name in ("once", "again"):
        assert asked(released, MIXED, "--out", tmp_path / f"{name}.xlsx").exit_code == 0
    assert digest(tmp_path / "once.xlsx") == digest(tmp_path / "again.xlsx")
    first, second = pl.read_excel(tmp_path / "once.xlsx").rows()
    assert [str(cell) for cell in first] == ["050011", "1", "2.5", "2024-03-05", "=1+1", "True"]
    assert second == ("x", None, None, None, None, None)


def test_parquet_keeps_types_and_what_is_missing(released: Installation, tmp_path: Path) -> None:
    assert asked(released, MIXED, "--out", tmp_path / "rows.parquet", "--limit", 1).exit_code == 0
    [row] = pl.read_parquet(tmp_path / "rows.parquet").rows()
    assert row[:3] == ("050011", 1, Decimal("2.50"))


def test_rows_are_written_as_they_come() -> None:
    assert list(islice(csv_lines(["n"], zip(count(1))), 3)) == ["n\n", "1\n", "2\n"]
    assert next(json_parts(["n"], zip(count(1)))) == '[\n {\n  "n": 1\n }'


def test_a_failed_question_leaves_the_former_file(released: Installation, tmp_path: Path) -> None:
    kept = tmp_path / "rows.csv"
    kept.write_text("former", encoding="utf-8")
    failing = "select cast(case when range = 5000 then 'x' else '1' end as integer) from range(9000)"
    assert asked(released, failing, "--out", kept).exit_code == 1
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("rows.csv", "former")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "{var}/rows.csv"],
        ["--out", "{var}/warehouse/parquet/marts/facility.parquet"],
        ["--out", "{folder}/rows.duckdb"],
        ["--out", "{folder}/nowhere/rows.csv"],
        ["--out", "{folder}/rows.csv", "--format", "csv"],
        ["-f", "{folder}/none.sql"],
        ["--timeout", "0"],
        ["--limit", "0"],
    ],
)
def test_wrong_options(released: Installation, tmp_path: Path, arguments: list[str]) -> None:
    filled = [argument.format(var=released.var, folder=tmp_path) for argument in arguments]
    assert asked(released, "select 1", *filled).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_table_ends_after_a_thousand_rows_and_says_so(released: Installation) -> None:
    shown = asked(released, "select range as n from range(1001)")
    assert shown.stdout.split()[-1] == "999" and "前 1000 行" in shown.stderr
    whole = asked(released, "select range as n from range(1000)")
    assert whole.stdout.split()[-1] == "999" and "1000 行 · rows" in whole.stderr
    assert len(asked(released, "from range(1001)", "--format", "csv").stdout.splitlines()) == 1002
    assert asked(released, "from range(1001)", "--format", "csv", "--limit", 2).stdout == "range\n0\n1\n"


def test_statements_from_a_file_and_a_pipe(released: Installation, tmp_path: Path) -> None:
    script = tmp_path / "two.sql"
    script.write_text("\ufeffselect '甲' as a; -- one\nselect '乙' as b;\n", encoding="utf-8")
    for done in (asked(released, "-f", script), asked(released, "-", text=script.read_text(encoding="utf-8-sig"))):
        assert (done.exit_code, done.stdout.split()) == (0, ["a", "──", "甲", "b", "──", "乙"])
    assert asked(released, "-f", script, "--format", "csv").exit_code == 1
    assert asked(released, "-f", script, "select 1").exit_code == 2
    script.write_bytes("select '甲'".encode("gb18030"))
    assert "UTF-8" in asked(released, "-f", script).stderr


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("selec 1", "第 1 行第 1 个字符 · line 1, character 1"),
        ("select '一老',\n  nope from marts.indicator_value", "第 2 行第 3 个字符 · line 2, character 3"),
        ("select 1;\nselect '托育', 1 from no_such_table", "第 2 行第 21 个字符 · line 2, character 21"),
    ],
)
def test_an_error_says_where(released: Installation, statement: str, place: str) -> None:
    done = asked(released, statement)
    assert done.exit_code == 1 and place in done.stderr


def test_a_question_stops_at_its_time_limit(released: Installation, tmp_path: Path) -> None:
    endless = "select count(*) from range(1000000000000)"
    done = asked(released, endless, "--timeout", "0.1", "--out", tmp_path / "rows.csv")
    assert done.exit_code == 1 and "超过时限" in done.stderr
    assert not list(tmp_path.iterdir())


def test_ctrl_c_stops_a_question_that_gives_no_rows_yet(released: Installation, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)

    def press_once_it_is_watched() -> None:
        while signal.getsignal(signal.SIGINT) is before:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    finger = threading.Thread(target=press_once_it_is_watched, daemon=True)
    finger.start()
    done = asked(released, "select count(*) from range(1000000000000)", "--timeout", "60")
    finger.join()
    assert (done.exit_code, "已中断" in done.stderr) == (1, True)
    assert signal.getsignal(signal.SIGINT) is before


def test_without_sql_a_terminal_prompts(released: Installation) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "query"],
        cwd=PROJECT, env=released.environment() | {"TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    heard = b""

    def until(awaited: bytes) -> None:
        nonlocal heard
        while awaited not in heard:
            assert select.select([ours], [], [], 60)[0], heard
            heard += os.read(ours, 4096)

    try:
        for typed, answer in ((b"select nope;", "列名有误".encode()), (b"select 6 *\n7 as answer;", b"42")):
            until(b"carestat> ")
            heard = b""
            os.write(ours, typed + b"\n")
            until(answer)
        until(b"carestat> ")
        os.write(ours, b"\x04")
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


READER = """
import json, os, sys
from click.testing import CliRunner
from pipelines.cli import main
questions = json.loads(sys.argv[1])
CliRunner().invoke(main, ["query", "select 1"])  # what is imported late is imported while everything can be read
os.setgroups([])
os.setgid(54321)
os.setuid(65534)
assert not os.access(os.environ["CARESTAT_VAR"], os.W_OK)
for question in questions:
    done = CliRunner().invoke(main, ["query", *question])
    print(json.dumps([done.exit_code, done.output]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_reader_needs_only_the_readers_group(released: Installation) -> None:
    with tempfile.TemporaryDirectory() as name:
        var = Path(name) / "var"
        Path(name).chmod(0o711)
        shutil.copytree(released.settings.warehouse, var / "warehouse", symlinks=True)
        for path in (var, *var.rglob("*")):
            os.chown(path, 0, 54321, follow_symlinks=False)
        var.chmod(0o750)
        before = {str(path): digest(path) if path.is_file() else "" for path in var.rglob("*")}
        [release] = [path.name for path in (var / "warehouse" / "releases").iterdir()]
        now, earlier, refused = _as_reader(
            var,
            ["select count(*) as n from marts.banan_2021_74_annex_1", "--format", "csv"],
            ["select release_id from ops.release", "--release", release, "--format", "csv"],
            [f"copy marts.facility to '{var}/out.csv'"],
        )
        assert (now, earlier, refused[0]) == ([0, "n\n23\n"], [0, f"release_id\n{release}\n"], 1)
        assert {str(path): digest(path) if path.is_file() else "" for path in var.rglob("*")} == before

        var.chmod(0o700)  # and the one who may not even read is told so
        [[code, told]] = _as_reader(var, ["select 1"])
        assert code == 1 and "没有读取权限" in told


def _as_reader(var: Path, *questions: list[str]) -> list[list[object]]:
    """Exit code and output of each question, asked by a user who is only in the readers' group."""
    done = subprocess.run(
        [sys.executable, "-c", READER, json.dumps(questions)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
        env=os.environ | {"CARESTAT_VAR": str(var), "HOME": "/nonexistent"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
