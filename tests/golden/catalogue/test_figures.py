"""The 266 figures that the five documents print: each is a row of a mart, a task, or a repeat with its reason.

`figures.csv` holds them as catalogued from the texts: id, clause, kind, year, comparator, value, wording. Ids ending in
-B are the baseline side of a printed table's row, its -T the target side; a row's target_id joins the two with `|`.
"""

import csv

import pytest

from pipelines.settings import PROJECT
from tests.golden.retyped import DOCUMENTS, retyped
from tests.shipped import Warehouse

FIGURES = retyped("catalogue/figures")
# the catalogue's words for a year → the year of the row
YEARS = {
    "standing": None, "annual": None, "undated": None, "before 2025": 2024, "2010-2020": 2020, "2021-2025": 2025,
    "from 2022": 2022,
}  # fmt: skip
# 附件2 row 13 prints two amounts in the wording of one task; as amounts they are BANAN-TX-12 and BANAN-TX-13
IN_A_TASK = {"BANAN-A2-13a": "每托位1万元", "BANAN-A2-13b": "每托位1000元"}
# printed as a plain number ("改建2个"); judged as reached when there are that many or more
REACHED_FROM = (
    "BANAN-TX-07", "BANAN-TX-09", "DAZHOU-TX-35", "DAZHOU-TX-64", "DAZHOU-TX-65", "DAZHOU-TX-69", "DAZHOU-TX-70",
    "DAZHOU-TX-93", "DAZHOU-TX-94", "GZ22-17",
)  # fmt: skip
# a rule's parameter: the share of occupied beds from which a subsidy is due
PARAMETER = "BANAN-TX-17"


@pytest.fixture(scope="module")
def rows(shipped: Warehouse) -> dict[str, dict]:
    """Id → the row of marts.document_indicator that holds it, as of 2025."""
    stored = shipped.records("select * from marts.document_indicator where period = '2025'")
    return {part: row for row in stored for part in (row["target_id"] or "").split("|") if part}


@pytest.fixture(scope="module")
def task_ids(shipped: Warehouse) -> set[str]:
    stored = shipped.rows("select target_id from reference.document_row where row_kind = 'task'")
    return {part for (cell,) in stored for part in (cell or "").split("|") if part}


def repeats() -> dict[str, dict[str, str]]:
    with (PROJECT / "dbt_project" / "seeds" / "document_repeats.csv").open(encoding="utf-8", newline="") as lines:
        return {row["target_id"]: row for row in csv.DictReader(lines)}


def side(figure_id: str, row: dict) -> str:
    return "baseline" if figure_id.endswith("-B") or row["row_kind"] == "baseline" else "target"


def target_year(words: str) -> int | None:
    return YEARS[words] if words in YEARS else int(words)


def in_rows() -> list[dict]:
    return [figure for figure in FIGURES if figure["id"] not in {*IN_A_TASK, *repeats()}]


def test_there_are_266_figures() -> None:
    assert len({figure["id"] for figure in FIGURES}) == len(FIGURES) == 266
    assert {figure["document_key"] for figure in FIGURES} == set(DOCUMENTS)


def test_none_is_missing_and_none_invented(rows: dict[str, dict], task_ids: set[str]) -> None:
    assert task_ids == set(IN_A_TASK)
    assert {*rows, *task_ids, *repeats()} == {figure["id"] for figure in FIGURES}
    assert not set(rows) & (task_ids | set(repeats()))
    assert not task_ids & set(repeats())


def test_every_mart_row_has_an_id_and_no_id_two_rows(shipped: Warehouse) -> None:
    stored = [cell for (cell,) in shipped.rows("select target_id from marts.document_indicator where period = '2025'")]
    assert all(stored)
    parts = [part for cell in stored for part in cell.split("|")]
    assert len(parts) == len(set(parts)) == 260


@pytest.mark.parametrize("figure", in_rows(), ids=lambda figure: figure["id"])
def test_value_comparator_year_and_wording_agree(rows: dict[str, dict], figure: dict) -> None:
    row = rows[figure["id"]]
    one = side(figure["id"], row)
    assert row["document_key"] == figure["document_key"]
    assert row["indicator_key"] == figure["indicator_key"]
    assert row[f"{one}_value"] == (float(figure["value"]) if figure["value"] else None)
    assert row[f"{one}_operator"] == figure["comparator"]
    assert row[f"{one}_printed"] == figure["printed"]
    assert row[f"{one}_year"] == target_year(figure["year"])
    # the catalogue numbers the rows of a printed table within its clause: 附件1-05
    table_row = f"{row['clause']}-{row['row_no']:02}"
    assert figure["clause"] in (row["clause"], table_row)


@pytest.mark.parametrize("figure", in_rows(), ids=lambda figure: figure["id"])
def test_a_target_is_judged_by_its_printed_operator(rows: dict[str, dict], figure: dict) -> None:
    row = rows[figure["id"]]
    if side(figure["id"], row) == "target":
        expected = ">=" if figure["id"] in REACHED_FROM else "=" if figure["id"] == PARAMETER else figure["comparator"]
        assert row["eval_operator"] == expected


@pytest.mark.parametrize(("figure_id", "words"), IN_A_TASK.items())
def test_an_amount_within_a_task_is_printed_there(shipped: Warehouse, figure_id: str, words: str) -> None:
    [(row_no,)] = shipped.rows(
        "select row_no from reference.document_row"
        f" where row_kind = 'task' and list_contains(string_split(target_id, '|'), '{figure_id}')"
    )
    printed = {int(row["row_no"] or 0): row["task"] for row in retyped("banan_2021_74/annex_2")}
    assert words in (printed[row_no] or "")


def test_a_repeat_has_its_reason_and_its_first_place(rows: dict[str, dict]) -> None:
    listed = repeats()
    assert set(listed) == {"DAZHOU-TX-67", "DAZHOU-TX-72", "DAZHOU-TX-87", "GZ22-18"}
    by_id = {figure["id"]: figure for figure in FIGURES}
    for repeat, row in listed.items():
        first = row["repeat_of"]
        assert row["reason_zh"]
        assert first in rows
        for column in ("document_key", "indicator_key", "value", "comparator"):
            assert by_id[repeat][column] == by_id[first][column], (repeat, column)
        assert target_year(by_id[repeat]["year"]) == target_year(by_id[first]["year"])
