"""What the guide and the dictionary tell statisticians holds on the released warehouse."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.dictionary.models import Models
from pipelines.dictionary.printed import document_tables
from pipelines.dictionary.registry import Registry
from pipelines.settings import PROJECT
from pipelines.warehouse import read
from tests.worked_queries import PAGE, WorkedQuery, python_snippets, worked_queries

GUIDE = "\n".join((PROJECT / "docs" / name).read_text(encoding="utf-8") for name in ("guide.md", "subsidies.md"))
STATEMENTS = [block for block in re.findall(r"\n\n((?: {4}.*\n)+)", GUIDE) if block.lstrip().startswith("select")]

TRACES = re.findall(r"^ {4}carestat (trace .*)$", GUIDE, re.MULTILINE)


def test_the_guide_has_examples():
    assert len(STATEMENTS) >= 8
    assert len(TRACES) >= 3


@pytest.mark.integration
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_example_of_the_guide_runs_and_finds_rows(shipped, statement):
    assert shipped.rows(statement)


@pytest.mark.integration
@pytest.mark.parametrize("command", TRACES)
def test_every_trace_of_the_guide_finds_its_figure(shipped, command):
    done = CliRunner().invoke(main, [*shlex.split(command), "--var", str(shipped.var)])
    assert done.exit_code == 0, done.output
    assert "elderly_facilities/2025-12/" in done.stdout


WORKED = worked_queries()
#: data that one release of the shipped deliveries doesn't have; test_release runs it after a correction
AFTER_A_CORRECTION = 15


def test_the_page_has_twenty_questions_numbered_through():
    assert [question.number for question in WORKED] == list(range(1, 21))
    assert {question.number for question in WORKED if question.example} == {AFTER_A_CORRECTION}
    assert {question.number for question in WORKED if not question.runs_on_server} == {15, 16, 17, 18}


@pytest.mark.integration
@pytest.mark.parametrize("worked", [one for one in WORKED if not one.example], ids=lambda one: str(one.number))
def test_every_worked_query_gives_the_rows_printed_below_it(shipped, worked: WorkedQuery):
    names, rows = read.query(shipped.settings.released, worked.sql)
    assert (names, worked.as_shown(rows), len(rows)) == (worked.names, worked.shown, worked.total)
    assert worked.shown


@pytest.fixture(scope="module")
def said(shipped, released, corrected, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the page's Python prints, each snippet in a process of its own."""
    folder: Path = tmp_path_factory.mktemp("python")
    for name, var in (("var", shipped.var), ("earlier", released.var), ("later", corrected.var)):
        (folder / name).symlink_to(var)
    printed = []
    for snippet in python_snippets():
        done = subprocess.run(
            [sys.executable, "-c", snippet], cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    return printed


@pytest.mark.integration
def test_the_python_of_the_page_runs(said: list[str]):
    opened, parquet, _ = said
    assert "68.86" in opened and "巴南区" in opened
    assert parquet.startswith("1 个县没有数")


@pytest.mark.integration
def test_two_releases_differ_in_the_one_figure_that_was_corrected(said: list[str]):
    compared = said[2]
    assert f"```text\n{compared}```" in PAGE.read_text(encoding="utf-8")
    assert len(compared.splitlines()) == 1


@pytest.mark.integration
def test_the_dictionary_tells_of_every_released_table_and_column_in_the_words_of_its_comments(shipped):
    registry = Registry(PROJECT / "dbt_project")
    told = {
        (f"{table['schema']}.{table['name']}", column["name"]): column["description"]
        for table in [*registry.tables, *document_tables(Models(PROJECT / "dbt_project"), registry)]
        for column in table["columns"]
    }
    released = {
        (table, column): comment
        for table, column, comment in shipped.rows(
            "select schema_name || '.' || table_name, column_name, comment from duckdb_columns()"
            " where database_name = 'carestat' and schema_name in ('marts', 'reference')"
        )
    }
    assert told == released
