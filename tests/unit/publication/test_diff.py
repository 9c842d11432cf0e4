"""A comparison finds what was changed, says why, and shows no number that is not published."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.publication import diff_shown
from pipelines.publication.book import COLUMNS, TABLES, Book
from pipelines.publication.diff import COMPARED, between_years, changes
from pipelines.publication.shelf import Edition
from tests.unit.publication.tiny_release import (
    DELIVERY,
    FIGURE,
    INDICATOR,
    MEASURE,
    ROW,
    book,
    frame,
    kept,
)

NEW_FILE = DELIVERY | {"path": "elderly_facilities/2025-12/511702_r2.csv", "sha256": "b" * 64, "revision": 2}
HIDDEN = {"value": None, "numerator": None, "obs_status": "Q", "conf_status": "C"}


def told(old: Book, new: Book, *columns: str) -> list[tuple[Any, ...]]:
    return changes(old, new).select(columns or ("table_name", "item", "column", "old", "new", "cause")).rows()


def figures(**changed: Any) -> dict[str, pl.DataFrame]:
    return {"figures": frame(FIGURE | changed)}


def test_every_published_table_is_compared_or_known_not_to_be() -> None:
    """Of the others, deliveries say what differs, or the figures do."""
    others = {"document_tables", "refusals", "coverage", "checks", "sources", "evidence", "changes"}
    assert TABLES.keys() - COMPARED.keys() == others
    named = {name for entry in COMPARED.values() for name in (*entry.columns, *entry.names)}
    assert named <= COLUMNS.keys()


def test_equal_editions_do_not_differ() -> None:
    assert told(book(), book(edition=2)) == []


def test_a_changed_figure_names_the_file_that_changed_it() -> None:
    old = book(**figures())
    new = book(**figures(value=69.0, numerator=69.0), deliveries=frame(DELIVERY, NEW_FILE))
    path = "elderly_facilities/2025-12/511702_r2.csv"
    assert told(old, new) == [
        ("figures", "beds/default/511702/2025", "value", "70", "69", path),
        ("figures", "beds/default/511702/2025", "numerator", "70", "69", path),
        ("deliveries", path, "row", "", "新增", ""),
    ]


@pytest.mark.parametrize(
    "delivery, is_named",
    [
        ({"supplier": "511702"}, True),
        ({"supplier": "511700"}, True),
        ({"supplier": "000000"}, True),
        ({"supplier": "511703"}, False),
        ({"source": "childcare_facilities"}, False),
        ({"period": "2026-01"}, False),
        ({"period": "2024-12"}, True),
    ],
)
def test_only_a_delivery_that_reaches_the_figure_is_its_cause(delivery: dict[str, str], is_named: bool) -> None:
    old, new = book(**figures()), book(**figures(value=69.0), deliveries=frame(DELIVERY, NEW_FILE | delivery))
    [cause] = [cause for column, cause in told(old, new, "column", "cause") if column == "value"]
    assert (cause == NEW_FILE["path"]) is is_named


def test_without_another_cause_it_is_the_program() -> None:
    old = book(**figures())
    assert told(old, book(**figures(value=69.0), code="other"), "cause") == [("计算程序改变",)]
    assert told(old, book(**figures(value=69.0)), "cause") == [("",)]
    # the release was computed by the same program, but published by another
    assert changes(old, book(**figures(value=69.0)), "other")["cause"].to_list() == ["计算程序改变"]


def test_a_changed_definition_is_told_and_is_the_cause() -> None:
    new = book(
        **figures(value=69.0),
        indicators=frame(INDICATOR | {"definition": "含家庭床位", "document_rows": 2}),
        deliveries=frame(DELIVERY, NEW_FILE),
    )
    assert told(book(**figures()), new)[:2] == [
        ("figures", "beds/default/511702/2025", "value", "70", "69", "定义改变"),
        ("indicators", "beds/default", "definition", "年末在用机构的床位", "含家庭床位", "定义改变"),
    ]


def test_what_a_measure_counts_is_part_of_the_definition() -> None:
    old, new = book(**figures()), book(**figures(value=69.0), measures=frame(MEASURE | {"annual_rule": "sum"}))
    assert told(old, new, "column", "cause") == [("value", "定义改变"), ("annual_rule", "定义改变")]


def test_values_are_compared_unrounded_and_shown_so_where_rounding_hides_it() -> None:
    old, new = book(**figures(value=12.341, decimals=1)), book(**figures(value=12.342, decimals=1))
    assert told(old, new, "old", "new") == [("12.341", "12.342")]
    assert told(old, book(**figures(value=12.5, decimals=1)), "old", "new") == [("12.3", "12.5")]


def test_missing_is_not_zero() -> None:
    missing = {"value": None, "numerator": None, "obs_status": "L"}
    assert told(book(**figures(value=0.0, numerator=0.0)), book(**figures(**missing)), "column", "old", "new") == [
        ("value", "0", "…"),
        ("numerator", "0", "…"),
        ("obs_status", "正常", "未报送"),
    ]


def test_figures_that_came_and_went() -> None:
    two = frame(FIGURE, FIGURE | {"region_code": "511703", "value": 50.0})
    came = told(book(**figures()), book(figures=two), "item", "column", "old", "new")
    assert came == [("beds/default/511703/2025", "value", "", "50")]
    went = told(book(figures=two), book(**figures()), "item", "column", "old", "new")
    assert went == [("beds/default/511703/2025", "value", "50", "")]


def test_a_number_that_is_hidden_now_is_not_repeated() -> None:
    published, hidden = book(**figures(value=23.0, numerator=23.0)), book(**figures(**HIDDEN))
    assert told(published, hidden, "column", "old", "new", "cause") == [
        ("value", "曾公布", "＊", "保密控制"),
        ("numerator", "曾公布", "＊", "保密控制"),
        ("obs_status", "正常", "人数过少，不公布", ""),
    ]
    assert "23" not in changes(published, hidden).select("old", "new", "cause").write_csv()
    assert told(hidden, published, "column", "old", "new", "cause")[0] == ("value", "＊", "23", "保密控制")


def test_conclusions_drawn_from_a_hidden_number_are_not_repeated() -> None:
    gone = {"actual_value": None, "baseline_actual": None, "status": None, "obs_status": "Q"}
    rows = told(book(), book(document_rows=frame(ROW | gone)), "column", "old", "new")
    assert rows == [
        ("baseline_actual", "曾公布", "＊"),
        ("actual_value", "曾公布", "＊"),
        ("status", "曾公布", "＊"),
    ]
    # a hidden baseline leaves no mark on its row
    rows = told(book(), book(document_rows=frame(ROW | {"baseline_actual": None})), "column", "old", "new")
    assert rows == [("baseline_actual", "曾公布", "—")]


def test_statuses_that_flip_and_rows_that_are_reworded() -> None:
    new = book(document_rows=frame(ROW | {"status": "MISSED", "target_printed": "≥160", "actual_value": 118.0}))
    assert told(book(), new, "item", "column", "old", "new", "cause") == [
        ("plan/annex_1/1", "target_printed", "≥150", "≥160", "文件登记改变"),
        ("plan/annex_1/1", "actual_value", "120", "118", ""),
        ("plan/annex_1/1", "status", "进展顺利", "未达到", ""),
    ]


def test_of_two_years_common_periods_are_compared_and_each_own_year(tmp_path: Path) -> None:
    earlier = frame(FIGURE | {"period": "2024", "value": 60.0})
    later = frame(FIGURE | {"period": "2024", "value": 61.0}, FIGURE)
    old = book(year="2024", figures=earlier, document_rows=frame(ROW | {"status": "ACCELERATE"}))
    new = book(year="2025", figures=later, deliveries=frame(DELIVERY))
    assert told(old, new, "table_name", "item", "column", "old", "new", "cause") == [
        ("document_rows", "plan/annex_1/1", "status", "须加快", "进展顺利", "2024 → 2025"),
        ("figures", "beds/default/511702/2024", "value", "60", "61", ""),
    ]
    own = between_years(kept(old, tmp_path), kept(new, tmp_path))
    assert own.select("item", "old", "new", "cause").rows() == [("beds/default/511702", "60", "70", "2024 → 2025")]


def test_an_edition_is_read_back_as_it_was_published(tmp_path: Path) -> None:
    dated = {"documents": frame({"document_key": "plan", "title": "方案", "issued_on": "2021-12-30"})}
    old = kept(book(**dated), tmp_path)
    path = old.folder / "data/parquet/documents.parquet"
    pl.read_parquet(path).with_columns(pl.col("issued_on").str.to_date()).write_parquet(path)
    assert changes(old, book(edition=2, **dated)).is_empty()


@pytest.fixture
def two_editions(tmp_path: Path) -> tuple[Edition, Edition]:
    new = book(
        edition=2,
        figures=frame(
            FIGURE | {"value": 69.0, "region_name": "<b>通川区"}, FIGURE | {"region_code": "511703"} | HIDDEN
        ),
        document_rows=frame(ROW | {"status": "MISSED"}),
        deliveries=frame(DELIVERY, NEW_FILE | {"path": "=cmd|x"}),
    )
    both = frame(FIGURE, FIGURE | {"region_code": "511703", "value": 23.0, "numerator": 23.0})
    return kept(book(figures=both), tmp_path), kept(new, tmp_path)


def test_the_text_has_a_heading_a_kind(two_editions: tuple[Edition, Edition]) -> None:
    text = diff_shown.as_text(*two_editions, changes(*two_editions), None)
    assert text.startswith("公报 2025-1 → 2025-2\n")
    assert "结论改变 · statuses that flipped：2" in text
    assert "plan/annex_1/1（床位）  结论：进展顺利 → 未达到" in text
    assert "数字改变 · figures changed：1\n" in text
    assert "现不公布 · now hidden：2\n" in text
    assert "交付文件 · deliveries：1\n" in text


def test_the_page_needs_nothing_else_and_runs_nothing(two_editions: tuple[Edition, Edition]) -> None:
    page = diff_shown.as_html(*two_editions, changes(*two_editions), None)
    assert '<html lang="zh-CN">' in page and "未达到" in page
    assert "&lt;b&gt;通川区" in page and "<b>" not in page
    assert "<script" not in page and "http" not in page and "src=" not in page
    assert ">23<" not in page


def test_the_csv_has_every_row_and_no_formula(two_editions: tuple[Edition, Edition]) -> None:
    lines = diff_shown.as_csv(*two_editions, changes(*two_editions), None).splitlines()
    assert lines[0] == "kind,table_name,item,item_name,column,old,new,cause"
    assert len(lines) == 1 + changes(*two_editions).height
    assert any(",'=cmd|x," in line for line in lines)
