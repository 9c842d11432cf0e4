"""What the guide and the dictionary tell statisticians holds on the released warehouse."""

import re

import pytest

from pipelines.dictionary.models import Models
from pipelines.dictionary.printed import document_tables
from pipelines.dictionary.registry import Registry
from pipelines.settings import PROJECT

GUIDE = "\n".join((PROJECT / "docs" / name).read_text(encoding="utf-8") for name in ("guide.md", "subsidies.md"))
STATEMENTS = [block for block in re.findall(r"\n\n((?: {4}.*\n)+)", GUIDE) if block.lstrip().startswith("select")]


def test_the_guide_has_examples():
    assert len(STATEMENTS) >= 8


@pytest.mark.integration
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_example_of_the_guide_runs_and_finds_rows(shipped, statement):
    assert shipped.rows(statement)


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
