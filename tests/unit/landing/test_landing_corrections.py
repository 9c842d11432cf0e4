"""Corrections through the whole landing: refused rows land, counts hold, a mended delivery makes the record stale."""

from decimal import Decimal

import pytest

from pipelines.landing.land import Landing

COUNTS = "区划代码,性别,年龄组,死亡人数"
RECORD = """
- match: {{period: 2024, supplier: {supplier}, region_code: 511702}}
  column: deaths
  from: {old}
  to: {new}
  reason: 疾控来函更正
  approved_by: 统计科
"""


@pytest.fixture
def land(world):
    """Lands a source anew, with a text of corrections for it if one is given."""
    folder = world.raw.parent / "expectations"
    folder.mkdir()

    def landed(source="deaths", text=None):
        if text is not None:
            (folder / f"{source}.corrections.yml").write_text(text, encoding="utf-8")
        return world.whole(Landing(world.raw, world.var, expectations=folder).land(source))

    return landed


def corrected(result):
    return result.correction.select("path", "row_number", "column", "old", "new", "approved_by").rows()


def told(result):
    return result.finding.select("finding", "period", "path").rows()


def test_a_row_refused_for_one_cell_lands_once_it_is_mended(world, land):
    path = world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,约10")
    before = path.read_bytes()
    assert (land().rows, land().quarantine["raw_value"].to_list()) == (0, ["约10"])
    result = land(text=RECORD.format(supplier=511702, old="约10", new="1,012"))
    assert world.landed(result)["deaths"].to_list() == [1012]
    assert result.quarantine.is_empty() and told(result) == []
    assert corrected(result) == [("deaths/2024/511702.csv", 2, "deaths", "约10", "1,012", "统计科")]
    assert result.delivery["state"].to_list() == ["landed"]
    assert path.read_bytes() == before


def test_a_mended_cell_is_judged_as_a_delivered_one_and_shown_as_it_was_delivered(world, land):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,12")
    result = land(text=RECORD.format(supplier=511702, old="12", new="-12"))
    assert world.refused(result) == [(2, "out_of_range", "out_of_range", "deaths", "12")]


def test_a_correction_stops_once_the_supplier_mends_the_figure(world, land):
    text = RECORD.format(supplier=511702, old="1", new="10")
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    assert world.landed(land(text=text))["deaths"].to_list() == [10]
    world.table("deaths/2024/511702_r2.csv", COUNTS, "511702,合计,合计,11")
    result = land()
    assert world.landed(result)["deaths"].to_list() == [11]
    assert corrected(result) == []
    assert told(result) == [("correction_stale", "2024", "deaths/2024/511702_r2.csv")]
    assert "现为 11，不是 from 所写的 1" in result.finding["detail"][0]


def test_a_changed_file_of_corrections_is_applied_anew_and_another_periods_is_not_touched(world, land):
    for year in (2023, 2024):
        world.table(f"deaths/{year}/511702.csv", COUNTS, "511702,合计,合计,1")
    first = land()
    second = land(text=RECORD.format(supplier=511702, old="1", new="10"))
    assert (first.files[0], len(first.files)) == (second.files[0], 2)
    assert world.landed(second)["deaths"].to_list() == [1, 10]
    assert world.landed(land(text="[]"))["deaths"].to_list() == [1, 1]


def test_the_guard_counts_over_all_files_of_the_period(world, land):
    world.table("deaths/2024/511700.csv", COUNTS, "511702,合计,合计,1")
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    every = RECORD.format(supplier=511702, old="1", new="10").replace(", supplier: 511702", "")
    result = land(text=every)
    assert corrected(result) == [] and "应对应 1 行，实际找到 2 行" in result.finding["detail"][0]
    assert len(corrected(land(text=every + "  expect: 2\n"))) == 2


def test_a_corrected_region_is_checked_and_superseded_as_if_delivered(world, land):
    world.table("deaths/2024/511700.csv", COUNTS, "511709,合计,合计,1", "511703,合计,合计,2")
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,7")
    text = RECORD.format(supplier=511700, old="511709", new="511702")
    text = text.replace("column: deaths", "column: region_code").replace("region_code: 511702", "region_code: 511709")
    result = land(text=text)
    assert world.landed(result).select("region_code", "deaths").rows() == [("511703", 2), ("511702", 7)]
    assert dict(result.reconciliation.select("path", "superseded").iter_rows())["deaths/2024/511700.csv"] == 1


def test_one_cell_of_a_row_in_ten_thousands_is_mended_in_plain_units(world, land):
    world.table(
        "agency_returns/2024/511702.csv", "区划代码,指标代码,数值(万)", "511702,pension_base,74.7",
        "511702,pension_insured,70",
    )  # fmt: skip
    text = RECORD.format(supplier=511702, old="74.7", new="74.8万").replace("column: deaths", "column: value")
    result = land("agency_returns", text.replace("region_code: 511702", "item_code: pension_base"))
    assert world.landed(result)["value"].to_list() == [Decimal(748_000), Decimal(700_000)]


def test_periods_without_deliveries_and_unusable_records_are_told(world, land):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    text = RECORD.format(supplier=511702, old="1", new="10").replace("2024", "2023")
    result = land(text=text + RECORD.format(supplier=511702, old="1", new="十"))
    assert sorted(told(result)) == [("correction_invalid", "2024", None), ("correction_stale", "2023", None)]
    assert world.landed(result)["deaths"].to_list() == [1]
