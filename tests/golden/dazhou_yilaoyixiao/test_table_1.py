"""表1 “十四五”时期市养老服务主要发展指标 (达州市“一老一小”整体解决方案), retyped from the document.

The source prints its cells run together ("1基本养老保险参保率(%)89.595 2基本医疗保险参保率(%)9999 …"): 89.5 then 95,
99 then 99. Where one number is printed it is the target of 2025.
"""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.shipped import Warehouse

# 序号, 主要指标, unit, 2020年基值, 2025年目标值
PRINTED = [
    (1, "基本养老保险参保率(%)", "%", "89.5", "95"),
    (2, "基本医疗保险参保率(%)", "%", "99", "99"),
    (3, "失能特困人员集中供养率(%)", "%", "30", "60"),
    (4, "有集中供养意愿的兜底保障对象集中供养率", None, "100", "100"),
    (5, "居家社区养老服务机构覆盖率(%)", "%", "70", "90"),
    (6, "新建城区和新建居住区配套建设养老服务设施达标率(%)", "%", None, "100"),
    (7, "护理型养老床位占比(%)", "%", "30", "55"),
    (8, "老年人健康管理率(%)", "%", None, "70"),
    (9, "特殊困难老年人月探访率(%)", "%", "80", "100"),
    (10, "人均预期寿命(岁)", "岁", "77.54", "78.2"),
    (11, "乡镇(街道)范围具备综合功能的养老机构覆盖率", None, "30", "60"),
    (12, "每千名老人配备社会工作者(人)", "人", None, "1"),
    (13, "每百张养老床位配备社会工作者(人)", "人", None, "1"),
    (14, "培育骨干养老企业数量(个)", "个", "6", "15"),
    (15, "县级老年大学覆盖面(%)", "%", "70", "100"),
    (16, "养老护理员岗前培训率(%)", "%", "80", "100"),
    (17, "市、县级养老实训基地覆盖率(%)", "%", "75", "100"),
    (18, "养老机构等级评定达到一星级以上标准的比例(%)", "%", None, "60%"),
]
PRINTED_2020 = {
    1: "89.5", 2: "99", 3: "30", 4: "100", 5: "70", 7: "30", 9: "80", 10: "77.54", 11: "30", 14: "6", 16: "80",
    17: "75",
}  # fmt: skip
ELDERLY_UNIVERSITIES = 15  # prints 70: five of seven counties are 71.43 %, four 57.14 %
NO_BASELINE = (6, 8, 12, 13, 18)
HEADINGS = {
    "row_no": "序号", "label": "主要指标", "baseline_printed": "2020年基值", "target_printed": "2025年目标值",
}  # fmt: skip
TABLE = "marts.dazhou_yilaoyixiao_table_1"


def test_rows_stand_in_the_printed_order_and_wording(shipped: Warehouse) -> None:
    assert shipped.rows(f"select row_no, label, unit, baseline_printed, target_printed from {TABLE}") == PRINTED


def test_thirteen_rows_print_a_number() -> None:
    assert {row[0] for row in PRINTED if row[3]} == {*PRINTED_2020, ELDERLY_UNIVERSITIES}
    assert len(PRINTED_2020) == 12
    assert {row[0] for row in PRINTED if row[3] is None} == set(NO_BASELINE)


@pytest.mark.parametrize(("row_no", "printed"), PRINTED_2020.items())
def test_computed_2020_is_the_printed_figure(shipped: Warehouse, row_no: int, printed: str) -> None:
    [(computed,)] = shipped.rows(f"select baseline_actual from {TABLE} where row_no = {row_no}")
    assert Decimal(str(computed)).quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)


def test_seventy_percent_of_whole_counties_is_shown_as_the_nearest_share_with_its_reason(shipped: Warehouse) -> None:
    [row] = shipped.records(f"select * from {TABLE} where row_no = {ELDERLY_UNIVERSITIES}")
    assert Decimal(str(row["baseline_actual"])).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("71.43")
    [(numerator, denominator)] = shipped.rows(
        "select numerator, denominator from marts.indicator_value where region_code = '511700' and period = '2020'"
        " and indicator_key = 'elderly_university_coverage' and variant = 'default'"
    )
    assert (numerator, denominator) == (5, 7)
    [(reason,)] = shipped.rows(
        "select status_reason from marts.document_indicator where document_key = 'dazhou_yilaoyixiao'"
        f" and table_key = 'table_1' and row_no = {ELDERLY_UNIVERSITIES} and period = '2020'"
    )
    for text in (row["note"], reason):
        assert "71.43" in text
        assert "70%" in text


@pytest.mark.parametrize("row_no", NO_BASELINE)
def test_a_row_without_baseline_claims_none(shipped: Warehouse, row_no: int) -> None:
    [(printed, target_year, baseline)] = shipped.rows(
        "select baseline_printed, target_year, baseline_value from marts.document_indicator"
        f" where document_key = 'dazhou_yilaoyixiao' and table_key = 'table_1' and row_no = {row_no}"
        " and period = '2025'"
    )
    assert (printed, target_year, baseline) == (None, 2025, None)


def test_every_row_has_its_figure_for_2025(shipped: Warehouse) -> None:
    stored = shipped.rows(f"select row_no, actual_period, actual_value is null from {TABLE}")
    assert stored == [(row_no, "2025", False) for row_no in range(1, 19)]


def test_table_and_columns_carry_the_printed_headings(shipped: Warehouse) -> None:
    [(comment,)] = shipped.rows("select comment from duckdb_tables() where table_name = 'dazhou_yilaoyixiao_table_1'")
    assert "表1" in comment
    assert "“十四五”时期市养老服务主要发展指标" in comment
    comments = dict(
        shipped.rows(
            "select column_name, comment from duckdb_columns() where table_name = 'dazhou_yilaoyixiao_table_1'"
        )
    )
    for column, heading in HEADINGS.items():
        assert heading in comments[column]


def test_columns_and_types(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select column_name, data_type from duckdb_columns() where table_name = 'dazhou_yilaoyixiao_table_1'"
        " order by column_index"
    )
    assert stored[:9] == [
        ("row_no", "INTEGER"), ("label", "VARCHAR"), ("unit", "VARCHAR"), ("baseline_printed", "VARCHAR"),
        ("target_printed", "VARCHAR"), ("baseline_actual", "DOUBLE"), ("actual_period", "VARCHAR"),
        ("actual_value", "DOUBLE"), ("status", "VARCHAR"),
    ]  # fmt: skip


# the whole table as the source prints it: heading, name, two numbers or one, and straight on to the next row's number;
# before row 11 stands a page marker
RUN_TOGETHER = (
    "1基本养老保险参保率(%)89.5952基本医疗保险参保率(%)99993失能特困人员集中供养率(%)3060"
    "4有集中供养意愿的兜底保障对象集中供养率1001005居家社区养老服务机构覆盖率(%)7090"
    "6新建城区和新建居住区配套建设养老服务设施达标率(%)1007护理型养老床位占比(%)3055"
    "8老年人健康管理率(%)709特殊困难老年人月探访率(%)8010010人均预期寿命(岁)77.5478.2"
    "11乡镇(街道)范围具备综合功能的养老机构覆盖率306012每千名老人配备社会工作者(人)"
    "113每百张养老床位配备社会工作者(人)114培育骨干养老企业数量(个)61515县级老年大学覆盖面(%)70100"
    "16养老护理员岗前培训率(%)8010017市、县级养老实训基地覆盖率(%)75100"
    "18养老机构等级评定达到一星级以上标准的比例(%)60%"
)


def test_rows_joined_again_are_the_source_without_its_gaps(shipped: Warehouse) -> None:
    rows = shipped.rows(f"select row_no, label, baseline_printed, target_printed from {TABLE}")
    assert "".join(str(cell) for row in rows for cell in row if cell is not None) == RUN_TOGETHER
    for awkward in (")89.5952", ")77.5478.2", ")113每", ")114培", ")61515县"):
        assert awkward in RUN_TOGETHER
