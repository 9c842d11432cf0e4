"""Sentences speak of cells only: each figure in them is found in the book, and nothing else in them is a figure."""

import re

import polars as pl
import pytest

from pipelines.publication.book import Book, Imprint
from pipelines.publication.sentences import resolve, row_sentence, summary

ROW = {
    "document_key": "plan", "table_key": "annex_1", "row_no": 1, "row_kind": "indicator",
    "label": "甲类床位占比", "unit": "%",
    "baseline_printed": "32.3%", "target_printed": "60%", "baseline_value": 32.3, "target_value": 60.0,
    "actual_period": "2025", "actual_value": 68.8678, "decimals": 2, "compare_to": "value", "still_needed": 0.0,
    "still_needed_unit": "张", "status": "ACHIEVED", "obs_status": "A", "indicator_key": "share", "variant": "default",
    "units_met": None, "units_known": None,
}  # fmt: skip


def book(*rows: dict) -> Book:
    frame = pl.DataFrame([ROW | row for row in rows], infer_schema_length=None)
    indicators = pl.DataFrame(
        [
            {"indicator_key": "share", "variant": "default", "indicator_name_en": "Share of beds", "kind": "ratio"},
            {"indicator_key": "done", "variant": "default", "indicator_name_en": "Guideline", "kind": "milestone"},
        ]
    )
    return Book(
        Imprint("2025", 1, "r", "2026-01-01T00:00:00+00:00", "c"), {"document_rows": frame, "indicators": indicators}
    )


def said(**row) -> str:
    made = book(row)
    return row_sentence(made, made.rows("document_rows")[0]).zh


def test_the_way_from_the_printed_baseline_subtracts_what_is_shown():
    assert said() == "“甲类床位占比”2025年为68.87%，比印载的32.3%提高36.57个百分点；目标为60%，已达到。"


def test_what_is_still_needed_is_told_of_a_miss():
    text = said(actual_value=55.5, still_needed=203.0, status="MISSED")
    assert text == "“甲类床位占比”2025年为55.50%，比印载的32.3%提高23.2个百分点；目标为60%，未达到，尚差203张。"


def test_beyond_an_upper_limit_nothing_is_lacking():
    made = book({"actual_value": 41.18, "target_printed": "不超过40%", "still_needed": -1434.0, "status": "MISSED"})
    sentence = row_sentence(made, made.rows("document_rows")[0])
    assert sentence.zh.endswith("；目标为不超过40%，未达到，须减少1,434张。")
    assert sentence.en.endswith("the target is 不超过40%: missed, 1,434 too many.")
    assert all(resolve(made, cell.source) == cell.text for cell in sentence.cells)


def test_a_fall_and_a_standstill_are_named():
    assert "比印载的32.3%降低2.3个百分点" in said(actual_value=30.0, status="DETERIORATED")
    assert "与印载的32.3%持平" in said(actual_value=32.3, status="LIMITED")


def test_english_says_the_same():
    made = book({"actual_value": 55.5, "still_needed": 203.0, "status": "MISSED"})
    assert row_sentence(made, made.rows("document_rows")[0]).en == (
        "Share of beds stood at 55.50% in 2025, 23.2 percentage points above the printed 32.3%; "
        "the target is 60%: missed, 203 more needed."
    )


def test_a_hidden_figure_is_not_spoken_of():
    hidden = {"actual_value": None, "still_needed": None, "status": "NOT_PUBLISHED", "obs_status": "Q"}
    assert said(**hidden) == "“甲类床位占比”的本年数涉及人数过少，不公布。"


def test_a_missing_figure_is_not_zero():
    missing = {"actual_value": None, "still_needed": None, "status": "NOT_ASSESSABLE", "obs_status": "L"}
    assert said(**missing) == "“甲类床位占比”本年无数，不能评价。"


def test_a_demand_on_every_unit_names_the_weakest():
    text = said(
        compare_to="extreme", actual_value=0.0, decimals=0, unit="个/社区", target_printed="至少1个",
        units_met=339, units_known=352,
        status="MISSED", still_needed=13.0, still_needed_unit="个社区",
    )  # fmt: skip
    assert text == "“甲类床位占比”2025年最弱的单位为0，352个单位中339个达到；目标为至少1个，未达到，尚差13个社区。"


def test_a_milestone_has_no_figure():
    assert said(indicator_key="done", target_printed="完成", actual_value=0.0, status="MISSED") == (
        "“甲类床位占比”：目标为完成，至2025年未达到。"
    )


def test_a_miss_that_rounds_to_the_target_shows_more_places():
    assert "59.999%" in said(actual_value=59.999, status="MISSED", still_needed=1.0)


def test_the_summary_counts_rows_that_ask_for_something():
    made = book(
        {}, {"row_no": 2, "status": "MET"}, {"row_no": 3, "status": "MISSED", "actual_value": 50.0},
        {"row_no": 4, "status": "NOT_ASSESSABLE", "actual_value": None, "obs_status": "L"},
        {"row_no": 5, "table_key": "targets", "row_kind": "target", "status": "NOT_MET"},
        {"row_no": 6, "table_key": "targets", "row_kind": "baseline", "status": "NOT_ASSESSABLE"},
    )  # fmt: skip
    first, second = (sentence.zh for sentence in summary(made, "plan")[:2])
    assert first == (
        "全文提出5项要求：至2025年，2项已达到、符合或进展顺利，2项未达到、不符合或落后于路径，1项不能评价。"
    )
    assert second.startswith("所附指标表提出4项要求：至2025年，2项已达到")


def test_every_figure_in_a_summary_is_a_cell_that_the_book_holds():
    made = book({}, {"row_no": 2, "status": "MISSED", "actual_value": 50.0, "still_needed": 9.0})
    sentences = summary(made, "plan")
    assert len(sentences) == 4
    for sentence in sentences:
        for cell in sentence.cells:
            assert resolve(made, cell.source) == cell.text
        for parts in (sentence.zh_parts, sentence.en_parts):
            words = "".join(part for part in parts if isinstance(part, str))
            assert set(re.findall(r"\d+", words)) <= {"2025"}


def test_a_cell_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        resolve(book({}), "document_rows/plan/annex_1/7/actual_value")
