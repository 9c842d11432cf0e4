"""Which row is the header, which of its cells are columns, and what a supplier hears when some are not found."""

from decimal import Decimal

import pytest

from pipelines.contracts import CONTRACTS
from pipelines.landing.header import UnparsableHeader, find_header

DEATHS = ["区划代码", "性别", "年龄组", "死亡人数"]
FACILITY = [
    "机构编码", "机构名称", "县区代码", "乡镇街道代码", "城乡属性", "机构类型", "所有制性质", "运营主体", "是否普惠",
]  # fmt: skip
NEEDED = {
    "facility_id", "facility_name", "county_code", "town_code", "urban_rural", "facility_type", "ownership",
    "operator_kind", "inclusive", "beds", "nursing_beds", "status",
}  # fmt: skip


def header_of(source, *rows, **options):
    return find_header([list(row) for row in rows], CONTRACTS[source], canonical=False, **options)


def complaint(source, *rows, **options):
    with pytest.raises(UnparsableHeader) as refused:
        header_of(source, *rows, **options)
    return str(refused.value)


def test_a_one_row_header_below_titles():
    header = header_of(
        "deaths", ["2024年死亡人数统计表", None, None, None], [None] * 4, DEATHS, ["511702", "男", "0", "1"]
    )
    assert (header.index, header.rows) == (2, 1)
    assert header.cells == {"region_code": [0], "sex": [1], "age_band": [2], "deaths": [3]}


def test_a_title_over_a_one_row_header_is_no_upper_row():
    title = ["表1 死亡人数（单位：人）", None, None, None]
    header = header_of("deaths", title, DEATHS, ["511702", "合计", "合计", "5"])
    assert (header.index, header.rows) == (1, 1)


@pytest.mark.parametrize(
    "data",
    [
        ["511702", "男", "0岁", "1"],
        ["511702", "合计", "合计", "5"],
        ["合计", None, None, "5"],
        ["达州市", "男", "85岁及以上", None],
    ],
)
def test_data_below_a_header_is_no_lower_row(data):
    header = header_of("deaths", DEATHS, data)
    assert (header.index, header.rows) == (0, 1)
    assert header.cells["deaths"] == [3]


def test_a_note_or_a_total_below_a_header_is_no_lower_row():
    for below in (["注：不含暂住人口", None, None, None], [None, None, "合计", None], [None, None, None, "缺"]):
        assert header_of("deaths", DEATHS, below).rows == 1


def test_a_header_without_rows():
    assert header_of("deaths", DEATHS).rows == 1


def merged(tops, bottoms):
    """A facility header over two rows: merged cells hold their text in the upper left only."""
    upper = [*FACILITY, *tops, "状态"]
    lower = [*[None] * len(FACILITY), *bottoms, None]
    return header_of("elderly_facilities", ["名册", *[None] * (len(upper) - 1)], upper, lower, ["x"] * len(upper))


def test_a_two_row_merged_header_is_joined_over_its_span():
    header = merged(["床位数", None], ["总数（张）", "护理型（张）"])
    assert (header.index, header.rows) == (1, 2)
    assert header.cells.keys() == NEEDED
    assert (header.cells["beds"], header.cells["nursing_beds"]) == ([9], [10])
    assert header.width == 12
    assert header.upper[9:] == ("床位数", "", "状态")


def test_the_part_of_a_span_is_never_taken_for_the_whole():
    header = merged(["床位数", None, "护理型床位数"], ["护理型", "合计", None])
    assert header.cells["beds"] == [10]
    assert header.cells["nursing_beds"] == [9, 11]
    text = complaint_of_merged(["床位数", None], ["一楼", "二楼"])
    assert "床位数" in text


def complaint_of_merged(tops, bottoms):
    with pytest.raises(UnparsableHeader) as refused:
        merged(tops, bottoms)
    return str(refused.value)


@pytest.mark.parametrize(
    ("tops", "bottoms"),
    [
        (["床位", None], ["床位数", "护理型床位数"]),
        (["床位数", "护理型床位数"], ["（张）", "（张）"]),
        (["床位数", "护理型床位数"], [None, "张"]),
        (["床位数", "床位数"], ["总数", "护理型"]),
        (["核定", "护理型"], ["床位", "床位数"]),
        (["床位数（张）", None], ["合计", "护理型床位数"]),
    ],
)
def test_lower_upper_and_joined_texts_are_each_tried(tops, bottoms):
    header = merged(tops, bottoms)
    assert header.rows == 2
    assert (header.cells["beds"], header.cells["nursing_beds"]) == ([9], [10])


def test_a_row_of_units_below_a_header_belongs_to_it():
    header = header_of("deaths", DEATHS, [None, None, None, "（人）"], ["511702", "合计", "合计", "5"])
    assert (header.index, header.rows) == (0, 2)


FUND = ["记录编号", "区划代码", "资金来源", "社会福利事业", "收支类型"]


@pytest.mark.parametrize(
    ("title", "multiplier"),
    [
        ("金额", None),
        ("金额(元)", None),
        ("金额（人民币）", None),
        ("金额(万元)", 10_000),
        ("金额（单位：万元）", 10_000),
        ("金额 【亿元】", 100_000_000),
        ("金额\n（千元）", 1_000),
        ("金额(百万元)", 1_000_000),
        ("金额(十万元)", 100_000),
        ("金额(万)", 10_000),
        ("金额(2024年)", None),
    ],
)
def test_a_unit_in_the_header_multiplies(title, multiplier):
    header = header_of("fund_ledger", [*FUND, title])
    assert header.cells["amount"] == [5]
    assert header.multipliers == ({"amount": Decimal(multiplier)} if multiplier else {})


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ([*FUND, "金额（万元）"], [*[None] * 5, "本年"]),
        ([*FUND, "金额"], [*[None] * 5, "万元"]),
        ([*FUND, "资金（万元）"], [*[None] * 5, "金额"]),
    ],
)
def test_a_unit_in_either_row_multiplies(upper, lower):
    assert header_of("fund_ledger", upper, lower).multipliers == {"amount": Decimal(10_000)}


PAID = ["流水号", "项目代码", "县区代码", "对象类型", "状态"]


@pytest.mark.parametrize("unit", ["万元", "亿元", "单位：万元", "千元"])
def test_the_unit_of_a_span_multiplies_its_money_and_leaves_its_quantities(unit):
    scale = {"万": 10_000, "亿": 100_000_000, "千": 1_000}[unit[-2]]
    upper = [*PAID, f"补贴金额（{unit}）", None, None]
    header = header_of("subsidy_ledger", upper, [*[None] * 5, "计发数量", "补贴标准", "发放金额"])
    assert [header.cells[name] for name in ("base_quantity", "unit_amount", "amount")] == [[5], [6], [7]]
    assert header.multipliers == {"unit_amount": Decimal(scale), "amount": Decimal(scale)}
    assert header.foreign_units == {}


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ([*PAID, "发放金额", "计发数量（万元）"], [None] * 7),
        ([*PAID, "补贴金额（万元）", None], [*[None] * 5, "发放金额", "计发数量（万元）"]),
        ([*PAID, "发放金额", "计发数量"], [*[None] * 5, "元", "万元"]),
    ],
)
def test_a_quantity_whose_own_heading_is_money_is_not_read(upper, lower):
    header = header_of("subsidy_ledger", upper, lower)
    assert "base_quantity" not in header.cells
    assert header.foreign_units.keys() == {"base_quantity"}


@pytest.mark.parametrize("unit", ["美元", "万美元", "%", "元/人", "万人次"])
def test_a_required_column_in_another_unit_is_refused_with_the_unit(unit):
    text = complaint("fund_ledger", [*FUND, f"金额（{unit}）"])
    assert "第1行" in text
    assert f"“金额({unit})”的单位不是“元”，请换算" in text


@pytest.mark.parametrize("unit", ["亩", "公顷", "万亩", "平方公里"])
def test_another_unit_is_not_read_and_reported_where_the_column_is_not_required(unit):
    header = header_of("elderly_facilities", [*FACILITY, "床位数", "护理型床位数", "状态", f"建筑面积({unit})"])
    assert "floor_area" not in header.cells
    assert f"建筑面积({unit})" in header.unmatched


@pytest.mark.parametrize(("unit", "multiplier"), [("㎡", None), ("平方米", None), ("m²", None), ("万㎡", 10_000)])
def test_other_names_of_the_own_unit_are_read(unit, multiplier):
    header = header_of("elderly_facilities", [*FACILITY, "床位数", "护理型床位数", "状态", f"建筑面积({unit})"])
    assert header.cells["floor_area"] == [12]
    assert header.multipliers.get("floor_area") == (Decimal(multiplier) if multiplier else None)


def test_the_complaint_names_what_is_missing_what_was_found_and_what_may_be_meant():
    text = complaint("elderly_facilities", ["名册"], [*FACILITY, "床位数", "护理性床位数", "备用"])
    assert "表头缺必填列（第2行）：" in text
    assert "护理型床位数（表中“护理性床位数”是否即“护理型床位数”？）" in text
    assert "运营状态" in text.split("已识别")[0]
    assert "机构编码" not in text.split("已识别")[0]
    assert "床位数" in text.split("已识别")[1]
    assert "备用" in text.split("未识别")[1]


def test_the_complaint_without_a_header_names_the_row_that_comes_nearest():
    text = complaint("elderly_facilities", ["封面"], ["机构名称", "床位数", "地址"])
    assert "没有可识别的表头" in text
    assert "第2行只有：机构名称、床位数" in text or "第2行只有：" in text
    assert "只有" not in complaint("deaths", ["随便"], ["什么"])


def test_rows_are_named_by_their_physical_numbers():
    assert "表头缺必填列（第9行）：" in complaint("deaths", ["题"], DEATHS[:3], lines=[4, 9])
