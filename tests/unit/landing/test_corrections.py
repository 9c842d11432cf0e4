"""Cells mended by approved records: what a record matches, its guard over all parts, what is left of the old cell."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipelines.contracts import contract_of
from pipelines.landing.correction_file import Correction
from pipelines.landing.corrections import apply, decide, matches
from pipelines.landing.parse import empty_rows

RETURNS = contract_of("agency_returns")
FACILITIES = contract_of("elderly_facilities")


def correction(column="value", old="1", new="2", number=1, expect=1, supplier=None, **match):
    day = date(2022, 3, 1)
    return Correction(number, "2021", supplier, match, column, old, new, "来函", "统计科", day, expect)


def rows_of(contract, *rows):
    """Rows as parsing leaves them: typed, with raw texts and marks where they say so."""
    empty = empty_rows(contract)
    schema = dict(empty.schema) | {"path": pl.String, "supplier": pl.String}
    raw = sorted({name for row in rows for name in row if name.startswith("raw:")})
    filled = [{"ragged": False, "row": line, "path": "s/2021/500113.csv", "supplier": "500113"} | row
              for line, row in enumerate(rows, 2)]  # fmt: skip
    return pl.DataFrame(filled, schema=schema | dict.fromkeys(raw, pl.String))


def returned(*values, **marks):
    return rows_of(
        RETURNS,
        *({"region_code": "500113", "item_code": f"item_{n}", "value": v} | marks for n, v in enumerate(values, 1)),
    )


def settled(contract, corrections, *parts):
    """Both passes over the parts of one source × period: corrected parts, applied cells, details of stale records."""
    found = pl.concat([matches(part, contract, corrections) for part in parts])
    in_force, stale = decide(contract.source, corrections, found)
    pairs = [apply(part, contract, in_force) for part in parts]
    assert {finding["finding"] for finding in stale} <= {"correction_stale"}
    return (
        [rows for rows, _ in pairs],
        pl.concat([cells for _, cells in pairs]),
        [finding["detail"] for finding in stale],
    )


def test_a_cell_is_mended_and_told():
    rows = returned(Decimal("747000.5"), Decimal(5))
    (after,), cells, stale = settled(RETURNS, [correction(old="747,000.5", new="74.8万", item_code="item_1")], rows)
    assert after["value"].to_list() == [Decimal(748_000), Decimal(5)]
    assert after["raw:value"].to_list() == ["747000.5", None]
    assert cells.rows() == [("s/2021/500113.csv", 2, "value", "747000.5", "74.8万", "来函", "统计科")]
    assert stale == []


def test_the_guard_looks_at_all_parts_before_any_is_changed():
    parts = [returned(Decimal(1)), returned(Decimal(1))]
    after, cells, (stale,) = settled(RETURNS, [correction(item_code="item_1")], *parts)
    assert all(part.equals(as_delivered) for part, as_delivered in zip(after, parts, strict=True))
    assert cells.is_empty() and "应对应 1 行，实际找到 2 行" in stale
    after, cells, stale = settled(RETURNS, [correction(item_code="item_1", expect=2)], *parts)
    assert [part["value"].to_list() for part in after] == [[Decimal(2)], [Decimal(2)]]
    assert (cells.height, stale) == (2, [])


def test_a_record_that_finds_no_row_is_stale():
    _, cells, (stale,) = settled(RETURNS, [correction(item_code="item_9")], returned(Decimal(1)))
    assert cells.is_empty() and "应对应 1 行，实际找到 0 行" in stale and "第 1 条" in stale


def test_a_record_is_stale_when_one_cell_no_longer_says_so():
    rows = returned(Decimal(1), Decimal(3))
    (after,), cells, (stale,) = settled(RETURNS, [correction(region_code="500113", expect=2)], rows)
    assert after.equals(rows) and cells.is_empty()
    assert "现为 3，不是 from 所写的 1" in stale


def test_a_stale_record_of_one_row_names_it():
    found = matches(returned(Decimal(3)), RETURNS, [correction(item_code="item_1")])
    _, (stale,) = decide("agency_returns", [correction(item_code="item_1")], found)
    assert stale["detail"].startswith("expectations/agency_returns.corrections.yml：第 1 条未应用")
    assert {name: text for name, text in stale.items() if name != "detail"} == {
        "path": "s/2021/500113.csv",
        "source": "agency_returns",
        "period": "2021",
        "finding": "correction_stale",
        "row_number": 2,
        "column": "value",
    }


def test_two_records_for_one_cell_are_both_stale_and_a_third_is_applied():
    twice = [correction(item_code="item_1"), correction(number=2, new="9", region_code="500113", value="1")]
    third = correction(number=3, old="7", new="8", item_code="item_2")
    (after,), _, stale = settled(RETURNS, [*twice, third], returned(Decimal(1), Decimal(7)))
    assert after["value"].to_list() == [Decimal(1), Decimal(8)]
    assert ["第 1 条" in stale[0], "第 2 条" in stale[1], len(stale)] == [True, True, 2]


def test_a_row_may_be_mended_in_several_columns_and_matched_by_what_was_delivered():
    pair = [
        correction("item_code", "item_1", "pension_base", item_code="item_1"),
        correction("value", "1", "2", number=2, item_code="item_1"),
    ]
    (after,), cells, stale = settled(RETURNS, pair, returned(Decimal(1)))
    assert after.select("item_code", "value").rows() == [("pension_base", Decimal(2))]
    assert (cells["column"].to_list(), stale) == (["item_code", "value"], [])


@pytest.mark.parametrize(
    ("cell", "old"),
    [
        ({"value": Decimal(1)}, "1.0"),
        ({"value": Decimal(10_000), "raw:value": "1"}, "1"),
        ({"value": Decimal(10_000), "raw:value": "1"}, "1万"),
        ({"value": None, "raw:value": "约1", "faults": "bad_type:value"}, "约1"),
        ({"value": None}, None),
        ({"value": None, "raw:value": "—"}, "—"),
        ({"value": None, "not_applicable": "value", "raw:value": "不适用"}, "不适用"),
    ],
)
def test_from_is_the_text_as_delivered_or_its_value(cell, old):
    rows = rows_of(RETURNS, {"region_code": "500113", "item_code": "a"} | cell)
    (after,), _, stale = settled(RETURNS, [correction(old=old, new="5", item_code="a")], rows)
    assert (after["value"].to_list(), stale) == ([Decimal(5)], [])


@pytest.mark.parametrize(
    ("cell", "old"),
    [
        ({"value": None, "raw:value": "约1", "faults": "bad_type:value"}, None),
        ({"value": None, "not_applicable": "value"}, None),
        ({"value": Decimal(0)}, None),
        ({"value": None}, "0"),
        ({"value": None}, "不适用"),
        ({"value": Decimal(10_000), "raw:value": "1"}, "2"),
    ],
)
def test_missing_not_applicable_unread_and_zero_are_not_taken_for_each_other(cell, old):
    rows = rows_of(RETURNS, {"region_code": "500113", "item_code": "a"} | cell)
    (after,), _, stale = settled(RETURNS, [correction(old=old, new="5", item_code="a")], rows)
    assert after.equals(rows) and len(stale) == 1


def test_the_marks_of_the_old_text_go_and_those_of_other_cells_stay():
    rows = rows_of(
        FACILITIES,
        {"facility_id": "A", "beds": None, "nursing_beds": None, "raw:beds": "约90", "raw:nursing_beds": "许多",
         "faults": "bad_type:beds|bad_type:nursing_beds", "not_applicable": "star_level"},
    )  # fmt: skip
    (after,), _, _ = settled(FACILITIES, [correction("beds", "约90", "90", facility_id="A")], rows)
    row = after.row(0, named=True)
    assert (row["beds"], row["raw:beds"], row["faults"]) == (90, "约90", "bad_type:nursing_beds")
    assert row["not_applicable"] == "star_level"
    (after,), _, _ = settled(FACILITIES, [correction("nursing_beds", "许多", "不适用", facility_id="A")], after)
    row = after.row(0, named=True)
    assert (row["nursing_beds"], row["faults"], row["not_applicable"]) == (None, None, "star_level|nursing_beds")


def test_a_row_of_which_nobody_knows_the_cells_is_never_matched():
    rows = rows_of(RETURNS, {"region_code": "500113", "item_code": "a", "value": Decimal(1), "ragged": True})
    assert "实际找到 0 行" in settled(RETURNS, [correction(item_code="a")], rows)[2][0]


def test_the_supplier_is_known_by_its_file_or_by_todays_code():
    rows = rows_of(
        RETURNS,
        {"item_code": "a", "value": Decimal(1), "path": "agency_returns/2021/520522_r2.csv", "supplier": "520581"},
        {"item_code": "a", "value": Decimal(1), "path": "agency_returns/2021/520500.csv", "supplier": "520500"},
    )
    for supplier in ("520522", "520581", "520500"):
        assert settled(RETURNS, [correction(supplier=supplier, item_code="a")], rows)[2] == []
    assert "实际找到 0 行" in settled(RETURNS, [correction(supplier="520502", item_code="a")], rows)[2][0]


def test_what_follows_from_a_cell_follows_from_the_new_one():
    deaths = contract_of("deaths")
    rows = rows_of(deaths, {"region_code": "511702", "age_band": "八十", "raw:age_band": "八十", "deaths": 3})
    (after,), _, _ = settled(deaths, [correction("age_band", "八十", "80—84岁", region_code="511702")], rows)
    assert after.select("age_band", "age_from", "age_to").rows() == [("80-84", 80, 84)]
    rows = rows_of(FACILITIES, {"facility_id": "A", "ownership": "government", "ownership_raw": "公建民营"})
    (after,), _, _ = settled(FACILITIES, [correction("ownership", "公办", "民办", facility_id="A")], rows)
    assert after.select("ownership", "ownership_raw").rows() == [("private", "民办")]


def test_sensitive_cells_are_mended_and_not_shown():
    roster = contract_of("assistance_roster")
    rows = rows_of(roster, {"person_id": "f" * 32, "county_code": "500113", "self_care": "able"})
    good = correction("self_care", "able", "全护理", county_code="500113")
    (after,), cells, _ = settled(roster, [good], rows)
    assert after["self_care"].to_list() == ["total_loss"]
    assert cells.select("column", "old", "new").rows() == [("self_care", None, None)]
    _, _, (stale,) = settled(roster, [correction("self_care", "半护理", "全护理", county_code="500113")], rows)
    assert "able" not in stale and "半护理" not in stale


def test_no_correction_leaves_the_very_same_rows():
    rows = returned(Decimal(1))
    assert apply(rows, RETURNS, [])[0] is rows
    assert matches(rows, RETURNS, []).is_empty()
