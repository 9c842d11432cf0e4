"""For every printed row, one delivered cell is changed, and the figure moves by the amount worked out here by hand.

All 41 changes are made in one copy of the deliveries; they are chosen so that none touches another's figure. The same
models run on a project with one line more in the registry of document rows, a 24th row of the annex, and with every
printed baseline blank: nobody reads those but the reader.
"""

import csv
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.settings import PROJECT
from tests.delivered_cell import change_cell
from tests.models_run import dbt, landed
from tests.shipped import Warehouse

BANAN, DAZHOU = "banan_2021_74", "dazhou_yilaoyixiao"
TABLES = ("+document_indicator", f"+{BANAN}_annex_1", f"+{DAZHOU}_table_1")


class Change(NamedTuple):
    document: str
    row_no: int
    year: str
    path: str
    row: dict[str, str]
    column: str
    old: str | None
    new: str | int
    moves_by: Fraction


def banan(row_no: int, year: str, path: str, row: dict, column: str, old: str, new: str | int, by: Fraction) -> Change:
    return Change(BANAN, row_no, year, path, row, column, old, new, by)


def dazhou(row_no: int, year: str, path: str, row: dict, column: str, old: str, new: str | int, by: Fraction) -> Change:
    return Change(DAZHOU, row_no, year, path, row, column, old, new, by)


def item(code: str, region: str = "500113") -> dict[str, str]:
    """The line of one item in a department's return; the headings of the two cities differ from year to year."""
    return {"区划代码": region, "指标代码": code}


def item_2025(code: str, region: str) -> dict[str, str]:
    return {"地区代码": region, "项目代码": code}


def share(people: int, of: int, per: int = 100) -> Fraction:
    return Fraction(people * per, of)


AR20, AR25 = "agency_returns/2020/500113.csv", "agency_returns/2025/500113.csv"
DAR20, DAR25 = "agency_returns/2020/511700.csv", "agency_returns/2025/511700.xlsx"
EF20, DEF20, DEF25 = (
    "elderly_facilities/2020-12/500113.csv",
    "elderly_facilities/2020-12/511702.xlsx",
    "elderly_facilities/2025-12/511702.xlsx",
)
COMMUNITIES, ROSTER = "communities/2020/500113.csv", "assistance_roster/2020-12/500113.csv"
DROSTER = "assistance_roster/2020-12/511700.csv"
FIRST_COMMUNITY = {"社区代码": "500113003001"}

# life expectancy: residents of the 2020 census and deaths of 2020, by band, whole prefecture
LIVING = (
    33680, 195429, 314215, 387700, 336134, 271697, 320047, 371668, 233917, 289815, 517950, 516794, 391965, 237017,
    349115, 271081, 174271, 109602, 63325,
)  # fmt: skip
DYING = (
    132, 87, 66, 99, 137, 128, 175, 275, 247, 470, 1353, 2131, 2496, 2532, 6156, 8552, 9503, 10253, 11316,
)  # fmt: skip


def life_expectancy(living: tuple[int, ...], dying: tuple[int, ...]) -> Fraction:
    """An abridged life table in exact fractions: bands 0, 1-4, 5-9 … 85+."""
    lengths = [1, 4] + [5] * 16
    lived_by_the_dying = [Fraction(1, 10), Fraction(16, 10)] + [Fraction(5, 2)] * 16
    alive, years = Fraction(1), Fraction(0)
    for n, a, people, deaths in zip(lengths, lived_by_the_dying, living, dying, strict=False):
        rate = Fraction(deaths, people)
        lost = alive * min(Fraction(1), n * rate / (1 + (n - a) * rate))
        years += n * (alive - lost) + a * lost
        alive -= lost
    return years + alive * Fraction(living[-1], dying[-1])


A_THOUSAND_MORE_DEATHS = (*DYING[:-1], DYING[-1] + 1000)

CHANGES = [
    # participants of 820,000 who should be insured; of 1,178,856 residents
    banan(1, "2020", AR20, item("pension_insured"), "数值", "738000", "746200", share(8200, 820000)),
    banan(2, "2020", AR20, item("medical_insured"), "数值", "1119913", "1120913", share(1000, 1178856)),
    # one more of 120 urban and town communities
    banan(3, "2020", COMMUNITIES, {"社区代码": "500113004006"}, "是否有日间照料机构", "否", "是", share(1, 120)),
    # 8 projects were accepted in 2025; one was not handed over with the housing
    banan(4, "2025", "residential_projects/2025/500113.csv", {"项目编号": "500113XJ033"}, "同步交付", "是", "否",
          share(-1, 8)),
    banan(5, "2020", EF20, {"设施编码": "500113YL0001"}, "护理型床位数", "130", "131", share(1, 5000)),
    # 150 who cannot look after themselves; this one had said no to a home, so row 7 does not move
    banan(6, "2020", ROSTER, {"身份证号": "990113193001011300"}, "供养方式", "分散供养", "集中供养", share(1, 150)),
    # 146 want a home and all had one; this one is partly able, so row 6 does not move
    banan(7, "2020", ROSTER, {"身份证号": "990113193005042067"}, "供养方式", "集中供养", "分散供养", share(-1, 146)),
    banan(8, "2020", AR20, item("elderly65_health_managed"), "数值", "131216", "132216", share(1000, 195845)),
    banan(9, "2020", AR20, item("elderly_universities"), "数值", "1", "0", Fraction(-100)),
    banan(10, "2020", EF20, {"设施编码": "500113YL0001"}, "达标兜底床位数", "90", "89", share(-1, 338)),
    # a home of 166 beds becomes inclusive
    banan(11, "2020", EF20, {"设施编码": "500113YL0034"}, "是否普惠", "否", "是", share(166, 5000)),
    banan(12, "2020", "childcare_facilities/2020-12/500113.csv", {"托育机构编码": "500113TY0001"}, "托位数", "12", "22",
          share(10, 1178856, per=1000)),
    banan(13, "2020", AR20, item("infant_health_managed"), "数值", "22260", "22500", Fraction(1)),
    # the only inclusive point of its town, of 23 towns and streets
    banan(14, "2025", "childcare_facilities/2025-12/500113.csv", {"托育机构编码": "500113TY0002"}, "是否普惠", "是",
          "否", share(-1, 23)),
    # one of 300 communities and villages
    banan(15, "2020", COMMUNITIES, FIRST_COMMUNITY, "助餐服务", "是", "否", share(-1, 300)),
    banan(16, "2020", COMMUNITIES, FIRST_COMMUNITY, "紧急救援系统是否覆盖", "是", "否", share(-1, 300)),
    banan(17, "2020", COMMUNITIES, {"社区代码": "500113003002"}, "是否建立探访制度", "是", "否", share(-1, 300)),
    # 160 persons listed in each of twelve months
    banan(18, "2020", "care_contacts/2020-06/500113.csv", {"身份证号": "990113193001011300"}, "本月探访次数", "4", "0",
          share(-1, 1920)),
    banan(19, "2020", COMMUNITIES, FIRST_COMMUNITY, "接受帮扶失能老年人数", "67", "57", share(-10, 10258)),
    banan(20, "2020", COMMUNITIES, FIRST_COMMUNITY, "是否建立三社联动机制", "否", "是", share(1, 300)),
    banan(21, "2025", AR25, item("elders_regular_education"), "数值", "142000", "143000", share(1000, 302126)),
    banan(22, "2020", AR20, item("vocational_enrolment"), "数值", "300", "310", Fraction(10)),
    banan(23, "2020", AR20, item("nursing_staff_trained"), "数值", "1000", "990", Fraction(-10)),

    # one county's figure, over the whole prefecture
    dazhou(1, "2020", DAR20, item("pension_insured", "511702"), "数值", "613383", "573383", share(-40000, 4000000)),
    dazhou(2, "2020", DAR20, item("medical_insured", "511703"), "数值", "887210", "886210", share(-1000, 5385422)),
    dazhou(3, "2020", DROSTER, {"公民身份号码": "991702193409042789"}, "供养方式", "分散供养", "集中供养",
           share(1, 400)),
    dazhou(4, "2020", DROSTER, {"公民身份号码": "991702196508065058"}, "供养方式", "集中供养", "分散供养",
           share(-1, 335)),
    dazhou(5, "2020", "communities/2020/511700.xlsx", {"村社区代码": "511702001003"}, "居家养老服务机构", "否", "是",
           share(1, 2400)),
    dazhou(6, "2025", "residential_projects/2025/511700.xlsx", {"小区编号": "511781XJ098"}, "同步交付使用", "是", "否",
           share(-1, 27)),
    dazhou(7, "2020", DEF20, {"机构编码": "511702YL0001"}, "护理型床位数（张）", "81", 91, share(10, 24960)),
    dazhou(8, "2025", DAR25, item_2025("elderly65_health_managed", "511702"), "本年值", "96139", 97139,
           share(1000, 963864)),
    # 600 persons listed in each of twelve months
    dazhou(9, "2020", "care_contacts/2020-06/511700.parquet", {"公民身份号码": "991702193108013343"}, "探访次数",
           "0", 1, share(1, 7200)),
    # the prefecture's own row, which outranks its counties
    dazhou(10, "2020", "deaths/2020/511700.xlsx", {"地区代码": "511700", "性别": "女", "死亡年龄": "85岁及以上"},
           "死亡数", "6190", 7190, life_expectancy(LIVING, A_THOUSAND_MORE_DEATHS) - life_expectancy(LIVING, DYING)),
    # the first comprehensive home of its town, of 200 towns and streets
    dazhou(11, "2020", DEF20, {"机构编码": "511702YL0006"}, "是否具备综合功能", "否", "是", share(1, 200)),
    dazhou(12, "2025", DAR25, item_2025("elder_social_workers", "511702"), "本年值", "201", 301,
           share(100, 1342003, per=1000)),
    dazhou(13, "2025", DEF25, {"机构编码": "511702YL0001"}, "社工人数", "1", 3, share(2, 31778)),
    dazhou(14, "2020", DAR20, item("backbone_eldercare_enterprises", "511702"), "数值", "1", "3", Fraction(2)),
    # five counties of seven, then six
    dazhou(15, "2020", DAR20, item("elderly_universities", "511725"), "数值", "0", "1", share(1, 7)),
    dazhou(16, "2020", DEF20, {"机构编码": "511702YL0001"}, "岗前培训合格护理员数", "14", 15, share(1, 1933)),
    # the prefecture and seven counties
    dazhou(17, "2020", DAR20, item("training_bases", "511725"), "数值", "0", "1", share(1, 8)),
    dazhou(18, "2025", DEF25, {"机构编码": "511702YL0001"}, "等级评定", "三星级", "未评定", share(-1, 276)),
]  # fmt: skip

# an existing indicator, asked for once more
ROW_24 = {
    "document_key": BANAN, "table_key": "annex_1", "row_no": "24", "label_zh": "常住人口", "unit_printed": "人",
    "indicator_key": "resident_population", "target_year": "2025", "target_operator": ">=", "target_value": "1200000",
    "target_printed": "120万人", "scope_region": "500113", "clause": "附件1", "target_id": "BANAN-A1-24-T",
    "row_kind": "indicator", "variant": "default", "compare_to": "value", "eval_operator": ">=",
}  # fmt: skip


@pytest.fixture(scope="module")
def changed(shipped: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A second installation: the shipped deliveries with 41 cells changed, landed anew only where a file changed, and
    what the models of the documents make of them; nothing is checked."""
    folder = tmp_path_factory.mktemp("one_cell")
    raw, var, project = folder / "raw", folder / "var", folder / "dbt_project"
    shutil.copytree(shipped.raw, raw)
    for kept in ("landing", "quarantine"):
        shutil.copytree(shipped.var / kept, var / kept)
    for change in CHANGES:
        change_cell(raw / change.path, change.row, change.column, change.old, change.new)
    shutil.copytree(PROJECT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    change_registry(project / "seeds" / "document_rows.csv")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CARESTAT_KEY_FILE", str(shipped.key))
        build = landed(raw, var)
        dbt(build, project, var, folder / "target", "build", "--select", *TABLES, "--exclude", "resource_type:test",
            "resource_type:unit_test")  # fmt: skip
        warehouse = Warehouse(raw, var, shipped.key, dbt_project=project)
        shutil.move(build / "marts.duckdb", warehouse.settings.released)
        yield warehouse


def change_registry(seed: Path) -> None:
    """No printed baseline, and a row more."""
    with seed.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    blank = {"baseline_operator": "", "baseline_value": "", "baseline_printed": ""}
    with seed.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*(row | blank for row in rows), ROW_24])


def test_every_printed_row_has_its_change() -> None:
    assert [(change.document, change.row_no) for change in CHANGES] == [
        *((BANAN, row_no) for row_no in range(1, 24)), *((DAZHOU, row_no) for row_no in range(1, 19)),
    ]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c.document}-{c.row_no}" for c in CHANGES])
def test_one_cell_moves_the_figure_by_the_amount(shipped: Warehouse, changed: Warehouse, change: Change) -> None:
    before = shipped.actual(change.document, change.year)[change.row_no]
    after = changed.actual(change.document, change.year)[change.row_no]
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(float(change.moves_by), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("document", [BANAN, DAZHOU])
def test_years_without_a_change_stand(shipped: Warehouse, changed: Warehouse, document: str) -> None:
    for year in ("2021", "2022", "2023", "2024"):
        after = changed.actual(document, year)
        assert {row_no: after[row_no] for row_no in after if row_no < 24} == shipped.actual(document, year)


def test_the_life_table_by_hand_is_the_printed_77_54() -> None:
    assert round(float(life_expectancy(LIVING, DYING)), 2) == 77.54


def test_one_line_in_the_registry_makes_a_24th_row(changed: Warehouse) -> None:
    rows = changed.rows(
        "select row_no, label, unit, target_printed, actual_period, actual_value, status"
        " from marts.banan_2021_74_annex_1"
    )
    assert [row[0] for row in rows] == list(range(1, 25))
    assert rows[-1] == (24, "常住人口", "人", "120万人", "2025", 1187519, "MISSED")


# the printed baselines are read by nobody but the reader

ACTUALS = "select document_key, table_key, row_no, period, indicator_key, actual_value from marts.document_indicator"


def test_blank_baselines_change_no_actual(shipped: Warehouse, changed: Warehouse) -> None:
    """All documents, all years: only indicators of which a cell was changed, in its year, have another figure."""
    printed = "select count(baseline_printed), count(baseline_value) from reference.document_row"
    assert changed.rows(printed) == [(0, 0)]
    assert min(shipped.rows(printed)[0]) > 20
    before, after = ({row[:5]: row[5] for row in warehouse.rows(ACTUALS)} for warehouse in (shipped, changed))
    assert {key for key in after if key not in before} == {
        (BANAN, "annex_1", 24, period, "resident_population") for _, _, _, period, _ in after if period
    }
    table = {BANAN: "annex_1", DAZHOU: "table_1"}
    moved = {(change.document, table[change.document], change.row_no, change.year) for change in CHANGES}
    touched = {(key[4], key[3]) for key in before if key[:4] in moved}
    assert len(touched) > 30
    differ = {key for key in before if before[key] != after[key]}
    assert {(indicator, period) for *_, period, indicator in differ} <= touched


@pytest.mark.parametrize(("document", "table"), [(BANAN, "annex_1"), (DAZHOU, "table_1")])
def test_the_printed_tables_show_the_figures_of_the_deliveries(changed: Warehouse, document: str, table: str) -> None:
    """Beside a blank baseline stands the figure of the baseline's year, and the latest one is another year's."""
    stored = changed.rows(
        f"select row_no, baseline_actual, actual_period, actual_value from marts.{document}_{table} where row_no < 24"
    )
    actual = {year: changed.actual(document, year) for year in ("2020", "2021", "2022", "2023", "2024", "2025")}
    assert len(stored) >= 18
    for row_no, baseline, period, value in stored:
        assert (baseline, value) == (actual["2020"][row_no], actual[period][row_no]), row_no
    assert {period for _, _, period, _ in stored} != {"2020"}
