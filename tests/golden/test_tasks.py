"""附件2 of Banan's document with its 35 tasks, and the departments named under Henan's and Guizhou's clauses, retyped.

`tasks.csv` tells each department's part: 牵头 is lead, those beside a lead (参与, 会同) participate, all others share
(按职责分工负责, 责任单位). Henan prints 省 once for a list; Guizhou says once that the local governments belong to
every clause. For Banan the awkward rows stand there: two leads, 牵头、 instead of 牵头，, an unnamed 区级有关部门.
"""

import pytest

from tests.golden.retyped import departments, retyped
from tests.shipped import Warehouse

ANNEX_2 = [(int(row["row_no"] or 0), row["task"], row["responsible"]) for row in retyped("banan_2021_74/annex_2")]
CLAUSES = {"banan_2021_74": 35, "henan_2023": 18, "guizhou_2023_21": 19}
ROLES = ("lead", "participating", "shared")
TASKS = [pytest.param(document, row, id=f"{document}-{row['task_no']}")
         for document in CLAUSES for row in retyped(f"{document}/tasks")]  # fmt: skip


def test_annex_2_stands_as_printed(shipped: Warehouse) -> None:
    assert shipped.rows("select row_no, label, responsible from marts.banan_2021_74_annex_2") == ANNEX_2
    assert len(ANNEX_2) == 35


def test_annex_2_columns_carry_the_printed_headings(shipped: Warehouse) -> None:
    comments = dict(
        shipped.rows("select column_name, comment from duckdb_columns() where table_name = 'banan_2021_74_annex_2'")
    )
    headings = {"row_no": "序号", "label": "区级重点任务", "responsible": "责任单位"}
    for column, heading in headings.items():
        assert heading in comments[column]
    assert all(comments.values())


@pytest.mark.parametrize(("document", "expected"), CLAUSES.items())
def test_every_clause_has_its_departments_every_year(shipped: Warehouse, document: str, expected: int) -> None:
    stored = shipped.rows(
        "select period, count(distinct task_no) from marts.task_progress"
        f" where document_key = '{document}' group by period order by period"
    )
    assert [period for period, _ in stored] == ["2020", "2021", "2022", "2023", "2024", "2025"]
    assert {count for _, count in stored} == {expected}


@pytest.mark.parametrize(("document", "row"), TASKS)
def test_departments_by_their_part(shipped: Warehouse, document: str, row: dict[str, str | None]) -> None:
    stored = shipped.rows(
        "select role, department, responsible_printed from marts.task_progress"
        f" where document_key = '{document}' and task_no = '{row['task_no']}' and period = '2025'"
        " order by department_no"
    )
    assert {printed for _, _, printed in stored} == {row["responsible_printed"]}
    for role in ROLES:
        assert [name for part, name, _ in stored if part == role] == departments(row[role])


@pytest.mark.parametrize("row", retyped("banan_2021_74/tasks"), ids=lambda row: row["task_no"])
def test_annex_2_tells_the_parts_apart(shipped: Warehouse, row: dict[str, str | None]) -> None:
    [stored] = shipped.rows(
        "select lead_departments, participating_departments, shared_departments from marts.banan_2021_74_annex_2"
        f" where row_no = {row['task_no']}"
    )
    assert [departments(cell) for cell in stored] == [departments(row[role]) for role in ROLES]


def test_every_task_tells_its_state(shipped: Warehouse) -> None:
    stored = shipped.rows("select status, count(*) from marts.task_progress where period = '2025' group by status")
    assert {status for status, _ in stored} <= {"not_started", "in_progress", "done", "overdue", "not_reported"}
    assert dict(stored).keys() - {"not_reported"}, "the ledger of 2025 tells of no task"
