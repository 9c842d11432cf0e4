"""What must hold whatever comes together: no row twice, none lost, no file that ends the run for all others."""

import polars as pl
import pytest

from pipelines.landing import parsed
from pipelines.landing.answers import write_answers
from pipelines.landing.land import Landing
from tests.unit.landing.conftest import REGIONS, REGIONS_HEADER

COUNTS = "区划代码,性别,年龄组,死亡人数"
LEDGER = "序号,区划代码,资金来源,社会福利事业,收支类型,用途,金额"
ROSTER = "身份证号,姓名,出生日期,县区代码,救助类别,自理能力,供养方式,供养机构编码"
FACILITIES = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,床位数,护理型床位数,状态"
)


def entry(number, amount=1, county="511702"):
    return f"{number},{county},一般公共预算,不适用,支出,托育服务,{amount}"


def test_a_wide_row_with_one_bad_cell_neither_lands_nor_holds_a_key(world):
    header = "区划代码,地区,男_0到4岁,男_5岁及以上,女_0到4岁,女_5岁及以上"
    world.table("population/2020/000000.csv", header, "511702,a,约1,2,3,4", "511702,a,1,2,3,4")
    result = world.whole(world.land("population"))
    assert [row[:2] for row in world.refused(result)] == [(2, "bad_type")]
    assert world.landed(result)["delivery_row"].unique().to_list() == [3]
    assert result.reconciliation.row(0)[1:] == (2, 1, 1, 0, 0)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_short_row_is_ragged_though_the_last_line_has_an_empty_surplus_cell(world, end):
    lines = [COUNTS + ",x", "511702,合计,合计,1", "511703,合计,合计,2,,"]
    world.put("deaths/2024/511700.csv", "\n".join(lines) + end)
    assert (2, "ragged_row") in [row[:2] for row in world.refused(world.whole(world.land("deaths")))]


def test_a_row_under_an_ended_code_is_superseded_by_the_county_that_a_finer_code_names(world):
    header = "序号,区划代码,资金来源,社会福利事业,收支类型,用途,金额"
    world.table("fund_ledger/2023/511700.csv", header, entry(1, 10), entry(1, 20, "511703"))
    world.table("fund_ledger/2023/511703.csv", header, entry(1, 30, "511703"))
    assert sorted(world.landed(world.whole(world.land("fund_ledger")))["amount"].to_list()) == [10, 30]


def test_an_ended_code_belongs_to_the_line_that_it_was_in(world):
    ended = "511798,旧县,县级,511700,县,,,是,否,1999-01-01,2010-01-01,"
    world.put("regions/2023-12-31/000000.csv", REGIONS_HEADER + "\n" + REGIONS + ended + "\n")
    world.table("regions/2023-12-31/511700.csv", REGIONS_HEADER, *[ended])
    result = world.whole(world.land("regions"))
    assert world.refused(result) == []
    superseded = dict(result.reconciliation.select("path", "superseded").iter_rows())
    assert superseded["regions/2023-12-31/000000.csv"] >= 1
    assert world.landed(result).filter(pl.col("region_code") == "511798").height == 1


@pytest.mark.parametrize("band", ["99999999999999999999", "1-99999999999999999999", "5-3", "1234"])
def test_an_absurd_age_band_is_refused_by_its_own_rule(world, band):
    world.table("deaths/2024/511702.csv", COUNTS, f"511702,合计,{band},1")
    assert world.refused(world.land("deaths"))[0][1] == "rule:age_band_shape"


def test_a_number_too_large_for_its_unit_is_refused(world):
    header = "区划代码,指标代码,数值,计量单位"
    world.table("agency_returns/2024/511702.csv", header, f"511702,pension_base,{'9' * 31},亿人")
    assert world.refused(world.land("agency_returns"))[0][1] == "bad_type"


def test_a_late_fault_in_a_large_register_refuses_that_register_alone(world, monkeypatch):
    monkeypatch.setattr(parsed, "part_bytes", lambda: 1)
    lines = (REGIONS_HEADER + "\n" + REGIONS).encode()
    world.put("regions/2023-12-31/511700.csv", lines + b"\xff\xff\xff\n")
    states = dict(world.land("regions").delivery.select("supplier", "state").iter_rows())
    assert states == {"000000": "landed", "511700": "rejected"}


def test_invisible_marks_alone_are_a_blank_row(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1", "\u200b,,", "\u200b,,,", "\ufeff")
    assert world.whole(world.land("deaths")).reconciliation.row(0)[1:] == (1, 1, 0, 0, 0)


def test_an_empty_register_of_facilities_counts_as_the_newest(world):
    facility = "F001,一院,511702,511702001,城市,养老院,公办,企业,是,20,5,运营"
    person = "11010519491231002X,张三,1949-12-31,511702,特困,全护理,集中,F001"
    world.table("elderly_facilities/2024-11/511702.csv", FACILITIES, facility)
    world.table("elderly_facilities/2024-12/511702.csv", FACILITIES)
    for month in ("2024-11", "2024-12"):
        world.table(f"assistance_roster/{month}/511702.csv", ROSTER, person)
    result = world.whole(world.land("assistance_roster"))
    assert result.quarantine.select("path", "reason").rows() == [
        ("assistance_roster/2024-12/511702.csv", "unknown_facility")
    ]


def answers(world):
    return sorted(path.relative_to(world.var).as_posix() for path in (world.var / "quarantine").rglob("*.answer.txt"))


def test_answers_follow_what_is_refused_now(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,约1")
    for source in ("foo", "bar"):
        world.table(f"{source}/2023/511702.csv", COUNTS)
    for period in ("2024年3月", "2024.3"):
        world.table(f"deaths/{period}/511702.csv", COUNTS)

    def told():
        landing = Landing(world.raw, world.var)
        landing.discover()
        write_answers(landing.land("deaths"), world.raw, world.var)
        write_answers(landing.strays(), world.raw, world.var)
        return answers(world)

    assert len(told()) == 5
    times = {path: (world.var / path).stat().st_mtime_ns for path in answers(world)}
    assert {path: (world.var / path).stat().st_mtime_ns for path in told()} == times
    (world.var / "quarantine" / "deaths" / "answers.json").unlink()
    world.table("deaths/2024/511702_r2.csv", COUNTS, "511702,合计,合计,1")
    assert len(told()) == 4 and not [path for path in answers(world) if "/2024/" in path]


def test_a_printed_total_is_compared_with_every_row_once(world, monkeypatch):
    monkeypatch.setattr("pipelines.landing.settle.part_rows", lambda: 2)
    rows = [entry(number, 10) for number in range(4)]
    world.table("fund_ledger/2023/511702.csv", LEDGER, *rows, entry(0, 10), "合计,,,,,,40")
    result = world.whole(world.land("fund_ledger"))
    assert [row[1] for row in world.refused(result)] == ["duplicate_key"]
    assert "subtotal_mismatch" not in result.finding["finding"].to_list()
