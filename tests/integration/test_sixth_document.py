"""A policy document more is rows alone: seed lines and a two-line model a table, no Python and no other SQL.

`sixth_document/` holds an invented document of a county in Guizhou: its rows, its two models and three years of
deliveries in round figures, so that everything computed here can be checked in the head.
"""

from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from tests.scenarios.together import KEY, SEEDS
from tests.shipped import Warehouse

pytestmark = pytest.mark.integration


def files(top: Path) -> dict[str, bytes]:
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in top.rglob("*")
        if path.is_file() and not {"target", "logs"} & set(path.relative_to(top).parts)
    }


def test_only_rows_and_two_lines_a_table_were_added(together: Warehouse) -> None:
    before, after = files(PROJECT / "dbt_project"), files(together.dbt_project)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {f"seeds/{name}" for name in SEEDS}
    for name in changed:
        assert after[name].startswith(before[name])
    added = set(after) - set(before)
    assert added == {f"models/marts/{KEY}/{KEY}_table_1.sql", f"models/marts/{KEY}/{KEY}_targets.sql"}
    for name in added:
        comment, call = after[name].decode().splitlines()
        assert comment.startswith("-- ")
        assert call.startswith("{{ document_table(")
    assert not [name for name in after if name.endswith(".py")]


def test_its_printed_table(together: Warehouse) -> None:
    stored = together.rows(
        "select row_no, label, unit, baseline_printed, target_printed, responsible, baseline_actual, actual_period,"
        f" actual_value, status, still_needed, still_needed_unit from marts.{KEY}_table_1"
    )
    assert stored == [
        # 60 of 200 beds, then 120 of 320; 45 % are 144
        (1, "养老机构护理型床位占比", "%", "30%", "45%", "县民政局", 30.0, "2025", 37.5, "MISSED", 24.0, "张"),
        # 300 places for 200,000 residents, then 1,100
        (2, "每千人口3岁以下婴幼儿托位数", "个", "1.5", "5", "县卫生健康局", 1.5, "2025", 5.5, "ACHIEVED", 0.0, "个"),
        # 200 + 120 + 80; the document prints no baseline, the figure of its year is shown beside the dash
        (3, "养老服务床位数", "张", "—", "600张", "县民政局", 200.0, "2025", 400.0, "MISSED", 200.0, "张"),
    ]


def test_its_targets_in_running_text(together: Warehouse) -> None:
    stored = together.rows(
        f"select row_no, label, clause, target_printed, actual_value, status from marts.{KEY}_targets"
    )
    assert stored == [
        (1, "普惠性养老机构床位占比", "一", "达到75%", 62.5, "MISSED"),  # 200 of 320
        (2, "托位总数", "二(一)", "不少于700个", 1100.0, "ACHIEVED"),
        (3, "政府运营养老床位比例", "二(二)", "不超过50%", 70.0, "NOT_MET"),  # 280 of 400, an upper bound
    ]


def test_printed_headings_are_the_columns_comments(together: Warehouse) -> None:
    stored = together.rows(
        f"select column_name, comment from duckdb_columns() where table_name = '{KEY}_table_1' order by column_index"
    )
    comments = dict(stored)
    assert all(comments.values())
    assert [comments[name] for name in ("label", "unit", "baseline_printed", "target_printed", "responsible")] == [
        "印载栏目：指标", "印载栏目：单位", "印载栏目：2022年现状", "印载栏目：2025年目标", "印载栏目：牵头部门",
    ]  # fmt: skip
    assert "attribute" not in comments
    [(comment,)] = together.rows(f"select comment from duckdb_tables() where table_name = '{KEY}_table_1'")
    assert comment == "表1 养老托育服务提升行动指标（息府办发〔2023〕12号）"


def test_its_rows_are_followed_year_by_year(together: Warehouse) -> None:
    stored = together.records(
        "select table_key, row_no, period, actual_value, status, status_reason, region_code"
        f" from marts.document_indicator where document_key = '{KEY}'"
    )
    periods = {row["period"] for row in stored}
    assert {"2022", "2024", "2025"} <= periods
    assert len(stored) == 6 * len(periods)
    assert {row["region_code"] for row in stored} == {"520122"}
    assert all(row["actual_value"] is not None or row["status_reason"] for row in stored)
    places = {row["period"]: (row["actual_value"], row["status"]) for row in stored if row["table_key"] == "table_1"
              and row["row_no"] == 2}  # fmt: skip
    # from 1.5 in 2022 towards 5 in 2025: 4.0 after two of three years is 2.5/3.5 of the way in 2/3 of the time
    assert places["2024"] == (4.0, "ON_TRACK")


def test_a_target_weaker_than_the_provinces_is_named(together: Warehouse) -> None:
    stored = together.rows(
        "select row_no, table_key, other_document_key, other_row_no, left_value, relation, right_value, finding"
        f" from marts.target_consistency where check_kind = 'weaker_than_superior' and document_key = '{KEY}'"
        " order by table_key, row_no"
    )
    assert stored == [
        (1, "table_1", "guizhou_2022_6", 4, 45.0, ">=", 50.0, "INCONSISTENT"),
        (2, "table_1", "guizhou_2022_6", 6, 5.0, ">=", 4.5, "CONSISTENT"),
        (3, "targets", "guizhou_2022_6", 11, 50.0, "<=", 40.0, "INCONSISTENT"),
    ]


def test_it_stands_beside_the_others_in_the_crosswalk(together: Warehouse) -> None:
    stored = together.rows(
        "select distinct document_key, n_documents from marts.crosswalk where indicator_key = 'nursing_bed_share'"
        " order by document_key"
    )
    documents = ["banan_2021_74", "dazhou_yilaoyixiao", "guizhou_2022_6", "henan_2023", KEY]
    assert stored == [(document, 5) for document in documents]
