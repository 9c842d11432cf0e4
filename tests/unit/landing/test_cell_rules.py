"""The cell rules, row by row as the specification prints them; whole columns must agree with single cells."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import facts_of
from pipelines.landing.cells import canonical_band, has_valid_check_digit, read_cell
from pipelines.landing.columns import ages_of, failing_check_digits, read_columns

DAY_ZERO = date(1899, 12, 30)
BEDS = ("elderly_facilities", "beds")
FEE = ("elderly_facilities", "monthly_fee")
FLAG = ("elderly_facilities", "inclusive")
ENUM = ("elderly_facilities", "ownership")
OPENED = ("elderly_facilities", "opened_on")
CLOSED = ("elderly_facilities", "closed_on")
CODE = ("elderly_facilities", "county_code")
NAME = ("elderly_facilities", "facility_name")
STAR = ("elderly_facilities", "star_grade")
PERSON = ("assistance_roster", "person_id")
KIND = ("care_contacts", "primary_kind")
BIRTH = ("assistance_roster", "birth_date")
VALUE = ("agency_returns", "value")
MODE = ("assistance_roster", "support_mode")

READ = [
    (NAME, "　 １２３ ", "123"),
    (BEDS, "1,234", 1234),
    (BEDS, "１，２３４", 1234),
    (BEDS, "1.2万", 12000),
    (BEDS, "120张", 120),
    (BEDS, "120 张", 120),
    (BEDS, "120人", 120),
    (BEDS, "120.0", 120),
    (BEDS, "-5", -5),
    (BEDS, "0", 0),
    (BEDS, "1e3", 1000),
    (BEDS, "1.2E+03", 1200),
    (BEDS, "\ufeff1\u200b20\u00a0", 120),
    (BEDS, "１２０　张", 120),
    (FEE, "1.23456万", Decimal("12345.6")),
    (VALUE, "85.5%", Decimal("85.5")),
    (FEE, "1.5亿元", Decimal(150_000_000)),
    (FEE, "0.30000000000000004", Decimal("0.3")),
    (FEE, "2500元/月", Decimal(2500)),
    *[(FLAG, text, True) for text in ["是", "有", "√", "✓", "1", "Y", "true", "已", "达标", "普惠", "已备案", "TRUE"]],
    *[(FLAG, text, False) for text in ["否", "无", "×", "0", "N", "false", "FALSE"]],
    *[(FLAG, text, False) for text in ["未", "不达标", "非普惠", "未备案"]],
    (ENUM, "民办 ", "private"),
    (STAR, "无", "none"),
    (STAR, "３", "star3"),
    (MODE, "不适用", "na"),
    (KIND, "独居、空巢", "living_alone"),
    *[(OPENED, text, date(2024, 3, 5)) for text in
      ("2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024-03-05 00:00:00")],
    (OPENED, "2024-03", date(2024, 3, 1)),
    (CLOSED, "2024年3月", date(2024, 3, 31)),
    (OPENED, "2024", date(2024, 1, 1)),
    (CLOSED, "2024年", date(2024, 12, 31)),
    (CLOSED, "2024-02", date(2024, 2, 29)),
    (BIRTH, "1950-05-17", date(1950, 5, 1)),
    (CODE, "511702001.0", "511702001"),
    (CODE, "'511702001", "511702001"),
    (CODE, "5117\u200b02", "511702"),
    (PERSON, "５１１７０２ 19500101 123x", "51170219500101123X"),
]  # fmt: skip
MISSING = ["", " ", "　", "—", "–", "－", "-", "…", "...", "......", "/", "\\", "N/A", "NA", "缺", "暂无", "无", "——"]
REFUSED = [
    (BEDS, "12,34", "bad_type"),
    (BEDS, "1.23456万", "bad_type"),
    (BEDS, "120.5", "bad_type"),
    (BEDS, "1 234", "bad_type"),
    (BEDS, "1,2345", "bad_type"),
    (BEDS, ",234", "bad_type"),
    (BEDS, "近120", "bad_type"),
    (BEDS, ">120", "bad_type"),
    (BEDS, "85.5％", "bad_type"),
    (FEE, "3000元/年", "bad_type"),
    (FLAG, "不适用?", "bad_type"),
    (OPENED, "2024/13/01", "bad_type"),
    (BEDS, "约120", "bad_type"),
    (BEDS, "120以上", "bad_type"),
    (BEDS, "〇", "bad_type"),
    (BEDS, "85.5%", "bad_type"),
    (FEE, "85.5%", "bad_type"),
    (FEE, "(1,234.5)", "bad_type"),
    (FLAG, "無", "bad_type"),
    (ENUM, "民办的", "bad_enum"),
    (OPENED, "2024-02-30", "bad_type"),
    (OPENED, "45356", "bad_type"),
    (CODE, "5.11702E+08", "bad_type"),
    (PERSON, "5.11702195001E+17", "bad_type"),
    (PERSON, "5117021950", "bad_type"),
]


def column(place):
    source, name = place
    return CONTRACTS[source], name, facts_of(CONTRACTS[source])[name]


def as_column(place, text, **options):
    contract, name, _ = column(place)
    read = read_columns(pl.DataFrame({name: [text]}, schema={name: pl.String}), contract, **options)[name]
    return read.values[0], None if read.status is None else read.status[0]


@pytest.mark.parametrize(("place", "text", "value"), READ)
def test_reads(place, text, value):
    assert read_cell(text, column(place)[2]) == (value, None)
    assert as_column(place, text) == (value, None)


@pytest.mark.parametrize("text", MISSING)
def test_missing_only_as_the_whole_cell(text):
    for place in (BEDS, FEE, ENUM, OPENED, CODE, NAME):
        assert read_cell(text, column(place)[2]) == (None, None)
        assert as_column(place, text) == (None, None)
    assert as_column(NAME, "无锡路养老院") == ("无锡路养老院", None)


@pytest.mark.parametrize("text", ["不适用", "不涉及", "N.A.", " 不适用 "])
def test_not_applicable_is_apart_from_missing(text):
    for place in (BEDS, FLAG, ENUM, OPENED, NAME):
        assert read_cell(text, column(place)[2]) == (None, "not_applicable")
        assert as_column(place, text) == (None, "not_applicable")


@pytest.mark.parametrize(("place", "text", "reason"), REFUSED)
def test_refuses(place, text, reason):
    assert read_cell(text, column(place)[2]) == (None, reason)
    assert as_column(place, text) == (None, reason)


def test_unit_in_the_header_multiplies_cells_without_a_unit_of_their_own():
    ten_thousands = {"monthly_fee": Decimal(10_000)}
    assert as_column(FEE, "1234", multipliers=ten_thousands) == (Decimal(12_340_000), None)
    assert as_column(FEE, "1.5亿元", multipliers=ten_thousands) == (Decimal(150_000_000), None)
    assert as_column(FEE, "1234元", multipliers=ten_thousands) == (Decimal(1234), None)


def test_serial_dates_only_from_workbooks():
    assert as_column(OPENED, "45356", serials=DAY_ZERO) == (date(2024, 3, 5), None)
    assert as_column(OPENED, "45356.75", serials=DAY_ZERO) == (date(2024, 3, 5), None)
    assert as_column(OPENED, "43894", serials=date(1904, 1, 1)) == (date(2024, 3, 5), None)
    assert as_column(OPENED, "45356") == (None, "bad_type")


def test_four_digits_are_a_year_unless_only_a_day_can_be_meant():
    assert as_column(OPENED, "1951", serials=DAY_ZERO) == (date(1951, 1, 1), None)
    assert as_column(BIRTH, "8768", serials=DAY_ZERO) == (date(1924, 1, 1), None)


def test_a_number_that_may_be_january_or_october_is_refused_in_a_workbook():
    assert as_column(OPENED, "2024.1", serials=DAY_ZERO) == (None, "bad_type")
    assert as_column(OPENED, "2024.1") == (date(2024, 1, 1), None)
    assert as_column(OPENED, "2024.3", serials=DAY_ZERO) == (date(2024, 3, 1), None)


@pytest.mark.parametrize(
    "text", ["#DIV/0!", "#N/A", "#REF!", "#NAME?", "#VALUE!", "#SPILL!", "#公式!", "＃N/A", " #REF! ", "######"]
)
def test_an_error_is_bad_type_in_every_column(text):
    for place in (BEDS, FEE, FLAG, ENUM, OPENED, CODE, NAME, PERSON, KIND):
        assert read_cell(text, column(place)[2]) == (None, "bad_type")
        assert as_column(place, text) == (None, "bad_type")


@pytest.mark.parametrize("text", ["#1养老院", "C#", "#"])
def test_a_number_sign_in_a_name_is_no_error(text):
    assert read_cell(text, column(NAME)[2]) == (text, None)
    assert as_column(NAME, text) == (text, None)


def test_a_number_of_a_workbook_that_lost_digits_is_no_identifier_but_a_number():
    written = "5.11702199001011E+17"
    for place in (PERSON, CODE, ("assistance_roster", "household_id")):
        assert as_column(place, written) == (None, "bad_type")
    assert as_column(("fund_ledger", "amount"), "1.5E+15") == (Decimal(1_500_000_000_000_000), None)


@pytest.mark.parametrize(
    ("text", "band", "ages"),
    [
        ("0岁", "0", (0, 0)),
        ("1—4岁", "1-4", (1, 4)),
        ("5到9岁", "5-9", (5, 9)),
        ("05~09", "5-9", (5, 9)),
        ("85岁以上", "85+", (85, None)),
        ("85周岁及以上", "85+", (85, None)),
        ("85+", "85+", (85, None)),
        ("合计", "total", (0, None)),
        ("老年", "老年", (None, None)),
        ("9-5", "9-5", (None, None)),
    ],
)
def test_age_bands(text, band, ages):
    assert canonical_band(text) == band
    if band != "9-5":
        lower, upper = ages_of(pl.Series([band]))
        assert (lower[0], upper[0]) == ages


def test_check_digit_of_the_national_standard():
    assert has_valid_check_digit("11010519491231002X")
    assert not has_valid_check_digit("110105194912310021")
    assert has_valid_check_digit("110105491231002")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text("0123456789Xx１Ｘ\n中a", max_size=19),
            st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
            st.sampled_from(["11010519491231002X", "11010519491231002x", "１1010519491231002X"]),
        )
    )
)
def test_check_digits_of_a_column_are_those_of_its_cells(numbers: list[str | None]) -> None:
    wrong = failing_check_digits(pl.Series(numbers, dtype=pl.String)).to_list()
    assert wrong == [number is not None and not has_valid_check_digit(number) for number in numbers]
