"""Rows that are no data, in the order of the specification; totals beside their parts; what subtotals print."""

from decimal import Decimal

import polars as pl
import pytest

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import facts_of
from pipelines.landing.header import find_header
from pipelines.landing.ignored import ignored_rows, subtotal_values

FUND = ["记录编号", "区划代码", "资金来源", "社会福利事业", "收支类型", "金额(万元)", "用途"]
DEATHS = ["区划代码", "性别", "年龄组", "死亡人数"]
POPULATION = "区划代码,口径,时点,性别,年龄组,人口数"
ROW = ["1", "511702", "福彩公益金", "是", "支出", "5", "养老发展资金"]


def texts(rows):
    return pl.DataFrame(list(rows), {f"c{place}": pl.String for place in range(len(rows[0]))}, orient="row")


def verdicts(source, titles, *rows):
    contract = CONTRACTS[source]
    header = find_header([titles, *rows], contract, canonical=False)
    data = texts(rows)
    found = ignored_rows(data, titles, header, facts_of(contract))
    told = subtotal_values(data, pl.int_range(2, 2 + len(rows), eager=True), found, header, contract)
    return found.to_list(), told


def verdict(source, titles, row):
    return verdicts(source, titles, row)[0][0]


@pytest.mark.parametrize("row", [[None] * 7, ["", " ", "　", None, "\u00a0", "\t", ""]])
def test_blank(row):
    assert verdict("fund_ledger", FUND, row) == "blank"


def test_repeated_header_is_equal_in_every_cell():
    assert verdict("fund_ledger", FUND, [f" {title} " for title in FUND]) == "repeated_header"
    assert verdict("fund_ledger", FUND, [*FUND[:-1], "备注"]) is None


def test_both_rows_of_a_repeated_two_row_header():
    contract = CONTRACTS["fund_ledger"]
    upper, lower = [*FUND[:5], "金额", "去向"], [None, None, None, None, None, "（万元）", "用途"]
    header = find_header([upper, lower, ROW], contract, canonical=False)
    assert header.rows == 2
    data = texts([ROW, upper, lower, ROW])
    found = ignored_rows(data, lower, header, facts_of(contract))
    assert found.to_list() == [None, "repeated_header", "repeated_header", None]


@pytest.mark.parametrize(
    "text",
    ["注：含追回", "注:含追回", "备注", "说明：无", "填报人：张", "填报单位：民政局", "填表人", "审核人", "负责人",
     "联系电话：0818", "制表：李", "数据来源：民政局"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1, 4])
def test_footnote_by_its_first_filled_cell(text, place):
    row = [None] * 7
    row[place] = text
    assert verdict("fund_ledger", FUND, row) == "footnote"


def test_a_footnote_needs_every_other_required_cell_blank():
    assert verdict("fund_ledger", FUND, ["注：一", None, None, None, None, None, "见说明"]) == "footnote"
    assert verdict("fund_ledger", FUND, ["注：一", "511702", None, None, None, None, None]) is None
    assert verdict("fund_ledger", FUND, [None, None, None, None, None, "5", "注：一"]) is None
    assert verdict("fund_ledger", FUND, ["注意事项", None, None, None, None, None, None]) is None


@pytest.mark.parametrize("text", ["合计", "总计", "小计", "共计", "总数", "合　计", "小 计", "城区小计", "通川区合计"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_subtotal_in_one_of_the_first_three_cells(text, place):
    row = [None, *ROW[1:]]
    row[place] = text
    assert verdict("fund_ledger", FUND, row) == "subtotal"


@pytest.mark.parametrize(
    "row",
    [
        [None, "511702", "福彩公益金", "合计", None, "5", None],
        [None, "511702", "福彩公益金", None, None, "5", "小计"],
        [None, "城区总数", "福彩公益金", None, None, "5", None],
        [None, "合计数", "福彩公益金", None, None, "5", None],
        ["7", "511702", "小计", "是", "支出", "5", None],
    ],
)
def test_no_subtotal(row):
    assert verdict("fund_ledger", FUND, row) is None


def test_a_total_under_sex_or_age_is_a_value():
    assert verdict("deaths", DEATHS, ["511702", "合计", "合计", "5"]) is None
    assert verdict("deaths", DEATHS, [None, "合计", "合计", "5"]) is None
    assert verdict("deaths", DEATHS, ["合计", "男", "合计", "5"]) == "subtotal"


def test_what_subtotals_print_is_told_in_the_unit_of_the_column():
    rows = [ROW, ["小计", None, None, None, None, "1,234.5", None], ["合计", None, None, None, None, "—", None],
            ["总计", None, None, None, None, "约5", None], [None] * 7]  # fmt: skip
    found, told = verdicts("fund_ledger", FUND, *rows)
    assert found == [None, "subtotal", "subtotal", "subtotal", "blank"]
    assert told == [
        {"row": 3, "label": "小计", "values": {"amount": Decimal(12_345_000)}},
        {"row": 4, "label": "合计", "values": {}},
        {"row": 5, "label": "总计", "values": {}},
    ]


def landed_groups(world, *rows):
    world.table("population/2023/511702.csv", POPULATION, *[f"511702,常住,年末,{row}" for row in rows])
    result = world.whole(world.land("population"))
    ignored = result.reconciliation.row(0, named=True)["ignored"]
    frame = world.landed(result) if result.rows else None
    return [] if frame is None else frame.select("sex", "age_band", "population").rows(), ignored


def test_men_and_women_without_bands_beside_bands_of_both_are_totals(world):
    rows, ignored = landed_groups(world, "合计,0-59,60", "合计,60+,40", "男,合计,48", "女,合计,52", "合计,合计,100")
    assert rows == [("total", "0-59", 60), ("total", "60+", 40)]
    assert ignored == 3


def test_men_and_women_by_bands_outrank_every_total(world):
    rows, ignored = landed_groups(
        world,
        "男,0-59,30",
        "男,60+,18",
        "女,0-59,30",
        "女,60+,22",
        "合计,0-59,60",
        "合计,60+,40",
        "男,合计,48",
        "合计,合计,100",
    )
    assert rows == [("male", "0-59", 30), ("male", "60+", 18), ("female", "0-59", 30), ("female", "60+", 22)]
    assert ignored == 4


def test_men_and_women_without_any_band_land(world):
    rows, ignored = landed_groups(world, "男,合计,48", "女,合计,52", "合计,合计,100")
    assert rows == [("male", "total", 48), ("female", "total", 52)]
    assert ignored == 1
