"""What the guide and the dictionary tell statisticians holds on the released warehouse."""

import re
import shlex

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.dictionary.models import Models
from pipelines.dictionary.printed import document_tables
from pipelines.dictionary.registry import Registry
from pipelines.settings import PROJECT

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
