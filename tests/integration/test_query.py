"""`carestat query`: read-only, without a way to any other file, and plain about what is missing."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse import read
from tests.integration.installation import Installation, digest

FORBIDDEN = [
    "create table marts.mine as select 1",
    "create temp table mine as select 1",
    "insert into marts.indicator_value select * from marts.indicator_value",
    "update marts.indicator_value set value = 0",
    "delete from ops.quarantine",
    "drop table marts.indicator_value",
    "alter table marts.indicator_value drop column note",
    "copy marts.indicator_value to '{folder}/out.csv'",
    "copy (select 1) to '{folder}/out.parquet' (format parquet)",
    "export database '{folder}/out'",
    "attach '{folder}/other.duckdb' as other",
    "detach carestat",
    "install httpfs",
    "load httpfs",
    "select * from read_csv('{folder}/notes.csv')",
    "select * from read_text('/etc/hostname')",
    "select * from '{folder}/notes.csv'",
    "select * from glob('/*')",
    "pragma database_list; pragma enable_profiling",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "vacuum; checkpoint",
    "use memory; create table mine as select 1",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_nothing_can_be_written_or_read_elsewhere(released: Installation, tmp_path: Path, statement: str) -> None:
    (tmp_path / "notes.csv").write_text("a\n1\n")
    before = digest(released.settings.released)
    with pytest.raises((duckdb.Error, read.NotReadOnly)):
        read.query(released.settings.released, statement.format(folder=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.csv"]
    assert digest(released.settings.released) == before


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
