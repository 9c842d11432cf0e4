"""What `carestat status` tells of the last run, over ops tables written by hand."""

from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.ops import TABLES
from pipelines.warehouse.status import status_lines


@pytest.fixture
def told(tmp_path: Path):
    """The lines for a last run with so many findings of each kind, corrected cells and revised values."""

    def lines(findings: dict[str, int], corrected: int = 0, revised: int = 0) -> dict[str, str]:
        settings = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path / "expectations")
        settings.warehouse.mkdir(parents=True)
        with duckdb.connect(str(settings.ops)) as connection:
            for name, (_, table) in TABLES.items():
                columns = ", ".join(f'"{column}" {kind}' for column, (kind, _) in table.items())
                connection.execute(f"create table {name} ({columns})")
            for finding, count in findings.items():
                connection.execute("insert into finding (finding) select ? from range(?)", [finding, count])
            connection.execute("insert into correction (path) select 'a' from range(?)", [corrected])
            connection.execute("insert into revision (period) select '2024' from range(?)", [revised])
        return dict(line.strip().split(" ", 1) for line in status_lines(settings))

    return lines


def test_findings_that_ask_for_something_come_first_however_few(told) -> None:
    many = {f"kind_{number}": 20 - number for number in range(10)}
    findings = told(many | {"correction_stale": 1, "still_being_written": 2})["发现"]
    assert findings.split("，")[:3] == ["· findings          still_being_written 2", "correction_stale 1", "kind_0 20"]
    assert "kind_7" in findings and "kind_8" not in findings and findings.endswith("另有 2 种 · 2 more")


def test_corrections_and_revised_values_are_counted(told) -> None:
    lines = told({"correction_stale": 1, "correction_invalid": 2}, corrected=3, revised=4)
    assert lines["更正"].endswith("应用 3 格，失效 1 条，写错 2 条")
    assert lines["改变的数"].endswith(" 4")


def test_nothing_is_said_of_corrections_where_there_are_none(told) -> None:
    assert not {"更正", "改变的数"} & set(told({"incomplete": 1}))
