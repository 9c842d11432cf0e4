"""附件1 养老托育服务健康发展主要指标 (巴南发改发〔2021〕74号), retyped from the document."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.shipped import Warehouse

# 序号, 指标名称, unit, 2020年, 2025年, 指标属性, 责任部门
PRINTED = [
    (1, "基本养老保险参保率", "%", "90%", "95%", "预期性", "区人力社保局"),
    (2, "基本医疗保险参保率", "%", "95%", "95%", "约束性", "区医保局"),
    (3, "社区日间照料机构覆盖率", "%", "90%", "100%", "约束性", "区民政局"),
    (4, "各地新建城区、新建居民住宅小区配套建设养老服务设施达标率", "%", "—", "100%", "约束性", "区住房城乡建委"),
    (5, "养老机构护理型床位占比", "%", "32.3%", "60%", "约束性", "区民政局"),
    (6, "生活不能自理特困人员集中供养率", "%", "37.3%", "50%", "约束性", "区民政局"),
    (7, "有集中供养意愿的特困人员集中供养率", "%", "100%", "100%", "约束性", "区民政局"),
    (8, "老年人健康管理率", "%", "67%", "＞70%", "约束性", "区卫生健康委"),
    (9, "老年大学覆盖率", "%", "100%", "100%", "约束性", "区教委、区民政局、区卫生健康委"),
    (10, "公益性兜底保障养老床位达标率", "%", "100%", "100%", "预期性", "区民政局"),
    (11, "普惠性养老机构床位占比", "%", "60%", "80%", "预期性", "区民政局"),
    (12, "每千人口拥有3岁以下婴幼儿托位数", None, "0.86", "≥4.5", "预期性", "区卫生健康委"),
    (13, "婴幼儿健康管理率", "%", "92.75％", "93％", "预期性", "区卫生健康委"),
    (14, "乡镇（街道）普惠性托育点覆盖率", "%", "—", "70%", "预期性", "区卫生健康委"),
    (15, "“一刻钟”居家养老服务圈，助餐、助洁、助浴、助行等服务机制覆盖率", "%", "100%", "100%", "约束性", "区民政局"),
    (16, "居家社区养老紧急救援系统覆盖率", "%", "100%", "100%", "预期性", "区民政局"),
    (17, "居家社区探访制度覆盖率", "%", "100%", "100%", "预期性", "区民政局"),
    (18, "特殊困难老年人月探访率", "%", "100%", "100%", "预期性", "区民政局"),
    (19, "失能老人社区帮扶率", "%", "100%", "100%", "预期性", "区民政局"),
    (
        20,
        "“三社联动”（社区为平台、社会组织为载体、社会工作者为支撑）机制覆盖率",
        "%",
        "60%",
        "100%",
        "预期性",
        "区民政局",
    ),
    (21, "经常性参加教育活动的老年人占比", "%", "—", "55%", "预期性", "区教委"),
    (22, "职业院校养老服务相关专业招生数量", "人", "300人", "1000人", "预期性", "区教委"),
    (23, "养老服务护理人员培训数量（每年）", "人", "1000人", "1500人", "预期性", "区民政局、区人力社保局"),
]
# the figure that each row prints for 2020, to the printed precision; the other three print a dash
PRINTED_2020 = {
    1: "90", 2: "95", 3: "90", 5: "32.3", 6: "37.3", 7: "100", 8: "67", 9: "100", 10: "100", 11: "60",
    12: "0.86", 13: "92.75", 15: "100", 16: "100", 17: "100", 18: "100", 19: "100", 20: "60", 22: "300", 23: "1000",
}  # fmt: skip
DASHES = (4, 14, 21)
HEADINGS = {
    "row_no": "序号",
    "label": "指标名称",
    "baseline_printed": "2020年",
    "target_printed": "2025年",
    "attribute": "指标属性",
    "responsible": "责任部门",
}


def test_rows_stand_in_the_printed_order_and_wording(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select row_no, label, unit, baseline_printed, target_printed, attribute, responsible"
        " from marts.banan_2021_74_annex_1"
    )
    assert stored == PRINTED


def test_twenty_rows_print_a_number() -> None:
    assert len(PRINTED_2020) == 20
    assert {row[0] for row in PRINTED if row[3] == "—"} == set(DASHES)
    assert set(PRINTED_2020) | set(DASHES) == set(range(1, 24))


@pytest.mark.parametrize(("row_no", "printed"), PRINTED_2020.items())
def test_computed_2020_is_the_printed_figure(shipped: Warehouse, row_no: int, printed: str) -> None:
    [(computed,)] = shipped.rows(f"select baseline_actual from marts.banan_2021_74_annex_1 where row_no = {row_no}")
    assert Decimal(str(computed)).quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)


@pytest.mark.parametrize("row_no", DASHES)
def test_a_dash_is_null_and_not_zero(shipped: Warehouse, row_no: int) -> None:
    assert shipped.rows(f"select baseline_actual from marts.banan_2021_74_annex_1 where row_no = {row_no}") == [(None,)]


def test_every_row_has_its_figure_for_2025(shipped: Warehouse) -> None:
    stored = shipped.rows("select row_no, actual_period, actual_value is null from marts.banan_2021_74_annex_1")
    assert stored == [(row_no, "2025", False) for row_no in range(1, 24)]


def test_table_and_columns_carry_the_printed_headings(shipped: Warehouse) -> None:
    [(comment,)] = shipped.rows("select comment from duckdb_tables() where table_name = 'banan_2021_74_annex_1'")
    assert "附件1" in comment
    assert "养老托育服务健康发展主要指标" in comment
    comments = dict(
        shipped.rows("select column_name, comment from duckdb_columns() where table_name = 'banan_2021_74_annex_1'")
    )
    for column, heading in HEADINGS.items():
        assert heading in comments[column]


def test_columns_and_types(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select column_name, data_type from duckdb_columns() where table_name = 'banan_2021_74_annex_1'"
        " order by column_index"
    )
    assert stored[:11] == [
        ("row_no", "INTEGER"), ("label", "VARCHAR"), ("unit", "VARCHAR"), ("baseline_printed", "VARCHAR"),
        ("target_printed", "VARCHAR"), ("attribute", "VARCHAR"), ("responsible", "VARCHAR"),
        ("baseline_actual", "DOUBLE"), ("actual_period", "VARCHAR"), ("actual_value", "DOUBLE"), ("status", "VARCHAR"),
    ]  # fmt: skip
