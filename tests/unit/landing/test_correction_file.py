"""What a file of corrections may say, and what becomes of records that cannot be used."""

import pytest

from pipelines.landing.correction_file import load, unclaimed

CITIZEN = "11010519491231002X"
GOOD = """
- match: {period: 2021, supplier: 500113, region_code: 500113, item_code: pension_insured}
  column: value
  from: 747000
  to: 74.8万
  reason: 人社局来函更正
  approved_by: 统计科
  approved_on: 2022-03-01
"""


def record(**changed):
    """The good record with some fields written otherwise; None leaves a field out."""
    fields = {
        "match": "{period: 2021, item_code: pension_insured}",
        "column": "value",
        "from": "1",
        "to": "2",
        "reason": "来函",
        "approved_by": "统计科",
    }
    fields |= {name.rstrip("_"): text for name, text in changed.items()}
    lines = [f"{name}: {text}" for name, text in fields.items() if text is not None]
    return "- " + "\n  ".join(lines) + "\n"


@pytest.fixture
def loaded(tmp_path):
    def load_text(text, source="agency_returns"):
        (tmp_path / f"{source}.corrections.yml").write_text(text, encoding="utf-8")
        return load(source, tmp_path)

    return load_text


def told(corrections):
    assert {row["finding"] for row in corrections.invalid} <= {"correction_invalid"}
    return [row["detail"] for row in corrections.invalid]


def test_scalars_stay_as_written(loaded):
    (correction,) = loaded(GOOD).of("2021")
    assert (correction.period, correction.supplier) == ("2021", "500113")
    assert correction.match == {"region_code": "500113", "item_code": "pension_insured"}
    assert (correction.old, correction.new, correction.expect) == ("747000", "74.8万", 1)
    assert str(correction.approved_on) == "2022-03-01"


def test_a_code_of_zeros_and_a_month_are_no_numbers(loaded):
    match = "{period: 2024-06, supplier: 000000, facility_id: 007}"
    (correction,) = loaded(record(match=match, column="beds"), "elderly_facilities").of("2024-06")
    assert (correction.supplier, correction.match) == ("000000", {"facility_id": "007"})


@pytest.mark.parametrize("blank", [None, "", "null", "~", '""'])
def test_nothing_and_null_are_a_blank_cell(loaded, blank):
    (correction,) = loaded(record(from_=blank)).records
    assert correction.old is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"column": "bed"}, "没有这一列 · no such column: bed"),
        ({"match": "{period: 2021, county: 500113}"}, "no such column: county"),
        ({"match": "{item_code: pension_insured}"}, "match 须写明本来源的时期"),
        ({"match": "{period: 2021-12, item_code: pension_insured}"}, "match 须写明本来源的时期"),
        ({"match": None}, "缺少 match"),
        ({"match": "{period: 2021, supplier: 5001}"}, "supplier 应为 6 位区划代码"),
        ({"match": "{period: 2021, item_code: [a, b]}"}, "单元格的值应为文字或数"),
        ({"to": "约七万"}, "to 所写的内容读不成“数值”（须为数）· to must be a number"),
        ({"to": "85%"}, "不带百分号"),
        ({"to": "1"}, "from 与 to 相同"),
        ({"reason": None}, "缺少 reason"),
        ({"reason": '"  "'}, "缺少 reason"),
        ({"approved_by": None}, "缺少 approved_by"),
        ({"approved_on": "昨天"}, "approved_on 应为 YYYY-MM-DD"),
        ({"expect": "0"}, "expect 应为不小于 1 的行数"),
        ({"expects": "2"}, "未知字段 expects"),
    ],
)
def test_a_record_that_cannot_be_used_is_told_and_the_others_stand(loaded, changed, words):
    corrections = loaded(record(**changed) + GOOD)
    (detail,) = told(corrections)
    assert detail.startswith("expectations/agency_returns.corrections.yml：第 1 条未应用") and words in detail
    assert [correction.number for correction in corrections.records] == [2]


def test_a_record_that_cannot_be_used_says_which_period_and_column_it_names(loaded):
    (row,) = loaded(record(to="约七万")).invalid
    assert (row["period"], row["column"]) == ("2021", "value")
    (row,) = loaded(record(column="[value]", match="{period: [2021]}")).invalid
    assert (row["period"], row["column"]) == (None, None)


def test_what_cannot_be_read_is_told_by_the_kind_of_its_column(loaded):
    match = "{period: 2024-06, facility_id: F1}"
    (detail,) = told(loaded(record(match=match, column="beds", to="许多"), "elderly_facilities"))
    assert "to 所写的内容读不成“床位数”（须为整数）" in detail and "bad_" not in detail
    (detail,) = told(loaded(record(match=match, column="status", to="开着"), "elderly_facilities"))
    assert "运营、" in detail and "之一" in detail and "bad_" not in detail


def test_a_header_in_place_of_a_columns_name_is_answered_with_the_name(loaded):
    match = "{period: 2024-06, facility_id: F1}"
    (detail,) = told(loaded(record(match=match, column="床位数"), "elderly_facilities"))
    assert "没有这一列 · no such column: 床位数；请写列名 beds" in detail


def test_what_follows_from_another_column_is_corrected_there(loaded):
    match = "{period: 2021, region_code: 511702}"
    assert "请改写 age_band" in told(loaded(record(match=match, column="age_from"), "deaths"))[0]


@pytest.mark.parametrize(
    "secret",
    [
        record(match=f"{{period: 2021-12, person_id: {CITIZEN}}}", column="self_care", from_="able", to="全护理"),
        record(match="{period: 2021-12, county_code: 500113}", column="person_name", from_="甲", to="乙"),
        record(match="{period: 2021-12, county_code: 500113}", column="household_id"),
        record(match="{period: 2021-12, county_code: 500113}", column="姓名", from_="甲", to="乙"),
        record(match="{period: 2021-12, county_code: 500113}", column=CITIZEN),
        record(match=f"{{period: 2021-12, {CITIZEN}: 1}}", column="self_care", from_="able", to="全护理"),
        record(match="{period: 2021-12, county_code: 500113}", column="evidence", reason=f"本人 {CITIZEN} 来函"),
    ],
)
def test_an_identifier_refuses_the_whole_file_and_is_not_repeated(loaded, secret):
    good = record(match="{period: 2021-12, county_code: 500113}", column="self_care", from_="able", to="全护理")
    assert len(loaded(good, "assistance_roster").records) == 1
    corrections = loaded(good + secret, "assistance_roster")
    (detail,) = told(corrections)
    assert corrections.records == []
    assert "assistance_roster.corrections.yml：第 2 条" in detail and "整份未应用" in detail
    assert CITIZEN not in detail and "甲" not in detail


@pytest.mark.parametrize("text", ["- match: {period: 2021\n", "match: {period: 2021}\n", "- a: 'x\n", "nonsense"])
def test_what_is_no_list_of_records_is_told_once(loaded, text):
    corrections = loaded(text)
    assert corrections.records == [] and len(told(corrections)) == 1


def test_bytes_that_are_no_text_are_told(tmp_path):
    (tmp_path / "deaths.corrections.yml").write_bytes(b"\xff\xfe\x00bad")
    assert "YAML" in told(load("deaths", tmp_path))[0]


def test_no_file_and_an_empty_one_correct_nothing(loaded, tmp_path):
    assert load("deaths", tmp_path).records == [] == load("deaths", tmp_path).invalid
    empty = loaded("# 暂无\n")
    assert empty.records == [] == empty.invalid


def test_the_digest_follows_the_records_of_its_period_alone(loaded):
    first = loaded(GOOD)
    other = loaded(GOOD + record(match="{period: 2022, item_code: pension_insured}"))
    assert first.digest("2021") == other.digest("2021") != ""
    assert first.digest("2022") == "" != other.digest("2022")
    assert loaded(GOOD.replace("74.8万", "74.9万")).digest("2021") != first.digest("2021")
    assert loaded(GOOD.replace("来函", "来电")).digest("2021") != first.digest("2021")


def test_a_period_without_deliveries_leaves_its_records_over(loaded):
    corrections = loaded(GOOD + record(reason=None))
    assert [row["finding"] for row in corrections.left_over(["2021"])] == ["correction_invalid"]
    stale = corrections.left_over(["2020"])[-1]
    assert (stale["finding"], stale["period"], "第 1 条" in stale["detail"]) == ("correction_stale", "2021", True)


def test_a_file_for_no_source_is_told(tmp_path):
    (tmp_path / "elderly_facility.corrections.yml").write_text(GOOD)
    (tmp_path / "deaths.corrections.yml").write_text(GOOD)
    (row,) = unclaimed(tmp_path, ["deaths"])
    assert row["finding"] == "correction_invalid" and "elderly_facility.corrections.yml：没有这个来源" in row["detail"]
