"""The ledgers of funds, projects and tasks: units, 不适用, bare years, what is refused and whose rows stand."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import rules_of
from pipelines.landing.land import Landing

RAW = Path(__file__).parents[3] / "raw"
FUNDS = "序号,区划代码,资金来源,是否用于社会福利事业,留存级次,收支类型,用途,金额"
PROJECTS = "项目编号,项目名称,县区代码,项目类别,建设内容类别,建设性质,总投资（万元）,开工日期,完工日期,项目状态"
PAYMENTS = (
    "流水号,项目代码,县区代码,对象类型,身份证号,机构编码,计发数量,补贴标准,发放金额,补贴所属月份,发放日期,发放状态"
)
REGISTER = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,床位数,护理型床位数,状态"
)
TASKS = "文件代码,序号,区划代码,类别,指标代码,工作任务,完成时限,状态,完成日期,文号"
NURSERY = "TY1,托育项目,511702,托育,托育机构,新建"
TASK = "banan_2021_74,1,511702,任务,,增强家庭照护"
#: the rows planted in the shipped files, by what refuses them (origin.yml)
PLANTED = {
    "fund_ledger": {("fund_ledger/2024/410000.parquet", "rule:lottery_has_level"): 1},
    "construction_projects": {("construction_projects/2023/511700.xlsx", "rule:done_has_date"): 1},
    "task_ledger": {("task_ledger/2024-12-31/520000.csv", "rule:milestone_has_key"): 1},
}


def test_ten_thousands_of_the_header_or_the_cell_become_yuan(world):
    rows = ["1,511702,福彩公益金,是,区县留存,支出,其他养老服务,12.5", "2,511702,其他,不适用,不适用,收入,不适用,3000元"]
    world.table("fund_ledger/2024/511702.csv", f"{FUNDS}（万元）", *rows)
    world.table("fund_ledger/2023/511702.csv", FUNDS, "1,511702,一般公共预算,不适用,,预算安排,托育服务,1.2亿元")
    landed = world.landed(world.whole(world.land("fund_ledger")))
    assert landed["amount"].to_list() == [Decimal(120_000_000), Decimal(125_000), Decimal(3_000)]


def test_not_applicable_is_for_money_that_is_no_lottery_money(world):
    world.table(
        "fund_ledger/2024/511702.csv",
        FUNDS,
        "1,511702,一般公共预算,不适用,不适用,支出,托育服务,1",
        "2,511702,福彩公益金,不适用,区县,支出,托育服务,1",
        "3,511702,一般公共预算,,不适用,支出,托育服务,1",
    )
    result = world.whole(world.land("fund_ledger"))
    landed = world.landed(result).select("social_welfare_use", "retained_level", "not_applicable").rows()
    assert landed == [(None, "na", "social_welfare_use")]
    assert [(row, reason, column) for row, reason, _, column, _ in world.refused(result)] == [
        (3, "missing_required", "social_welfare_use"),
        (4, "missing_required", "social_welfare_use"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,511702,福彩公益金,是,,支出,其他养老服务,1", "rule:lottery_has_level"),
        ("1,511702,体彩公益金,是,不适用,支出,其他养老服务,1", "rule:lottery_has_level"),
        ("1,511702,其他,不适用,,支出,,1", "rule:purpose_present"),
        ("1,511702,其他,不适用,,年度预算,不适用,1", "rule:purpose_present"),
        ("1,511702,其他,不适用,,收入,,100000000001", "out_of_range"),
        ("1,511702,财政资金,不适用,,收入,,1", "bad_enum"),
    ],
)
def test_refused_entries_of_funds(world, row, reason):
    world.table("fund_ledger/2024/511702.csv", FUNDS, row)
    assert [refused[1] for refused in world.refused(world.whole(world.land("fund_ledger")))] == [reason]


def test_income_needs_no_purpose_and_a_return_is_negative(world):
    world.table("fund_ledger/2024/511702.csv", FUNDS, "1,511702,福彩公益金,是,市级,留存,,-5")
    landed = world.landed(world.whole(world.land("fund_ledger")))
    assert landed.select("direction", "purpose", "amount").rows() == [("income", None, Decimal(-5))]


def test_two_governments_may_use_the_same_number(world):
    entry = "其他,不适用,,收入,,1"
    world.table("fund_ledger/2024/511700.csv", FUNDS, *(f"1,{code},{entry}" for code in ("511700", "511702", "511702")))
    result = world.whole(world.land("fund_ledger"))
    assert world.landed(result)["region_code"].to_list() == ["511700", "511702"]
    assert [refused[1] for refused in world.refused(result)] == ["duplicate_key"]


def test_a_county_displaces_its_own_rows_of_the_prefecture_and_no_others(world):
    entry = "其他,不适用,,收入,,"
    codes = ("511700", "511702", "511703")
    world.table("fund_ledger/2024/511700.csv", FUNDS, *(f"1,{code},{entry}1" for code in codes))
    world.table("fund_ledger/2024/511702.csv", FUNDS, f"1,511702,{entry}9")
    world.table("construction_projects/2024/511700.csv", PROJECTS, f"{NURSERY},500,,,在建")
    world.table("construction_projects/2024/511702.csv", PROJECTS)
    world.table("task_ledger/2024-12-31/511700.csv", TASKS, f"{TASK},,推进中,,")
    world.table("task_ledger/2024-12-31/511702.csv", TASKS, f"{TASK},,已完成,2024-03-05,1号")
    funds = world.landed(world.whole(world.land("fund_ledger"))).sort("region_code")
    assert [int(amount) for amount in funds["amount"]] == [1, 9, 1]
    assert world.whole(world.land("construction_projects")).rows == 0
    assert world.landed(world.whole(world.land("task_ledger")))["status"].to_list() == ["done"]


def test_projects_in_ten_thousands_finished_in_a_month_or_year(world):
    rows = [f"{NURSERY},1347.1,2023,2024年6月,完工".replace("TY1", "TY2"), f"{NURSERY},500,2024-03,2024,投入使用"]
    world.table("construction_projects/2024/511702.csv", PROJECTS, *rows)
    landed = world.landed(world.whole(world.land("construction_projects")))
    assert landed.select("planned_investment", "started_on", "completed_on", "status").rows() == [
        (Decimal(13_471_000), date(2023, 1, 1), date(2024, 6, 30), "completed"),
        (Decimal(5_000_000), date(2024, 3, 1), date(2024, 12, 31), "in_use"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{NURSERY},500,2024-05-01,2024-04-30,完工", "rule:done_after_start"),
        (f"{NURSERY},500,2024-05-01,,完工", "rule:done_has_date"),
        (f"{NURSERY},-1,,,在建", "out_of_range"),
        (f"{NURSERY},500,,,在建".replace("511702", "511700"), "unknown_region"),
    ],
)
def test_refused_projects(world, row, reason):
    world.table("construction_projects/2024/511700.csv", PROJECTS, row)
    assert [refused[1] for refused in world.refused(world.whole(world.land("construction_projects")))] == [reason]


def test_a_bare_year_is_its_last_day(world):
    world.table("task_ledger/2024-12-31/511702.csv", TASKS, f"{TASK},2025,已完成,2024年3月,1号")
    landed = world.landed(world.whole(world.land("task_ledger")))
    assert landed.select("due_on", "done_on").rows() == [(date(2025, 12, 31), date(2024, 3, 31))]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{TASK},2025,已完成,,1号", "rule:done_has_date"),
        (f"{TASK},2025,推进中,,".replace("任务,", "里程碑,"), "rule:milestone_has_key"),
        (f"{TASK},2025,基本完成,,", "bad_enum"),
    ],
)
def test_refused_tasks(world, row, reason):
    world.table("task_ledger/2024-12-31/511702.csv", TASKS, row)
    assert [refused[1] for refused in world.refused(world.whole(world.land("task_ledger")))] == [reason]


def test_a_task_done_without_evidence_lands_and_is_told(world):
    world.table("task_ledger/2024-12-31/511702.csv", TASKS, f"{TASK},2025,完成,2024-03-05,")
    result = world.whole(world.land("task_ledger"))
    assert (result.rows, result.finding["finding"].to_list()) == (1, ["flag:done_has_evidence"])


def test_a_snapshot_is_named_by_its_day(world):
    world.table("task_ledger/2024/511702.csv", TASKS, f"{TASK},2025,推进中,,")
    assert world.land("task_ledger").delivery["reason"].to_list() == ["bad_filename"]


@pytest.mark.parametrize(
    ("payment", "findings"),
    [
        ("BANAN-S5,511702,机构,,F001,1,50,50,2024-03", []),
        ("BANAN-S5,511702,机构,,F001,1,50,50,", ["flag:month_named"]),
        ("BANAN-S4,511702,机构,,F001,1,50,50,", []),
        ("DAZHOU-S5,511702,机构,,F001,1,50,50,", ["flag:month_named"]),
        ("BANAN-S5,511702,个人,11010519491231002X,F001,1,50,50,2024-03", []),
        ("BANAN-S5,511702,个人,11010519491231002X,,1,50,50,2024-03", ["flag:facility_named"]),
        ("DAZHOU-S1,511702,个人,11010519491231002X,,1,50,50,", []),
        ("BANAN-S5,511702,机构,,F001,1,50,50,2023-12", []),
        ("BANAN-S4,511702,机构,,F001,1,50,50,2024-04", ["flag:month_not_after_delivery"]),
        ("BANAN-S5,511702,机构,,F001,1,50,50,2025-01", ["flag:month_not_after_delivery"]),
    ],
)
def test_what_a_payment_should_name_is_told_and_lands(world, payment, findings):
    home = "F001,东城养老院,511702,511702001,城市,养老院,民办,企业,是,20,5,运营"
    world.table("elderly_facilities/2024-03/511702.csv", REGISTER, home)
    world.land("elderly_facilities")
    world.table("subsidy_ledger/2024-03/511702.csv", PAYMENTS, f"1,{payment},2024-03-05,已发放")
    result = world.whole(world.land("subsidy_ledger"))
    assert (result.rows, result.finding["finding"].to_list()) == (1, findings)


def test_a_programme_that_is_none_is_answered_with_those_that_are():
    rule = next(rule for rule in rules_of(CONTRACTS["subsidy_ledger"]) if rule.name == "known_programme")
    words = rule.expects({"programme_code": "养老机构运营补贴"})
    assert words.startswith("可填：BANAN-S1 国有资产租金减免、")
    assert "、BANAN-S5 养老机构运营补贴、" in words
    assert "DAZHOU-S1" not in words


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The shipped deliveries, landed once; the key is this module's own."""
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "key").write_bytes(b"k" * 32)
    (folder / "key").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARESTAT_KEY_FILE", str(folder / "key"))
        landing = Landing(RAW, folder / "var")
        return {source: landing.land(source) for source in PLANTED}


@pytest.mark.parametrize("source", PLANTED)
def test_of_the_shipped_files_only_planted_rows_are_refused(shipped, world, source):
    result = world.whole(shipped[source])
    assert Counter(result.quarantine.select("path", "reason").iter_rows()) == PLANTED[source]
    assert result.delivery.filter(~pl.col("state").is_in(["landed", "partly"])).is_empty()
    assert result.reconciliation["landed"].sum() == result.rows
