"""`carestat trace` and the evidence of a publication, over the shipped deliveries.

Row numbers, reasons and sums are read off the delivered files by hand (raw/<path>), never from the code under test.
"""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.publication.evidence.bulk import SCHEMA, published_evidence
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.trace import trace
from tests.shipped import Warehouse

pytestmark = pytest.mark.integration

#: kinds and rules that differ: what is not told by summing the rows of the bulk table
FIGURES = [
    ("nursing_bed_share", "520000", "2025", "service_beds"),
    ("township_regional_eldercare_centre_rate", "511702", "2025", "default"),
    ("disabled_tekun_centralised_care_rate", "500113", "2024", "default"),
    ("disabled_tekun_centralised_care_rate", "500113", "2024", "wide"),
    ("poor_elderly_household_dibao_coverage", "511700", "2025", "default"),
    ("monthly_visit_rate_special_difficulty", "520100", "2025", "default"),
    ("lottery_fund_eldercare_share", "520000", "2025", "default"),
    ("community_daycare_centres_total", "511700", "2023", "default"),
    ("life_expectancy", "500113", "2025", "default"),
    ("population_60plus_share_change", "511700", "2020", "default"),
    ("population_60plus_share_gap_nation", "511700", "2020", "default"),
    ("population_60plus_share_county_floor", "511700", "2025", "default"),
    ("urban_community_childcare_institutions_min", "500113", "2025", "default"),
    ("milestone_smart_eldercare_platform", "520000", "2024", "default"),
]


@pytest.fixture(scope="module")
def evidence(shipped: Warehouse) -> Iterator[Evidence]:
    with Evidence.open(shipped.settings) as opened:
        yield opened


def part(traced: dict[str, Any], role: str) -> dict[str, Any]:
    return next(part for part in traced["parts"] if part["role"] == role)


def test_nursing_beds_of_banan_row_by_row(evidence):
    """elderly_facilities/2025-12/500113.csv: 64 homes of ten beds and more on lines 2 to 65, all open."""
    traced = trace(evidence, "nursing_bed_share", "500113", "2025", all_rows=True)
    assert (traced["numerator"], traced["denominator"], traced["obs_status"]) == (4130, 5997, "A")
    for role, beds in (("numerator", 4130), ("denominator", 5997)):
        told = part(traced, role)
        assert (told["total"], told["rows_included"], told["rows_excluded"], told["earlier_files"]) == (
            beds,
            64,
            394,
            11,
        )
        [file] = told["files"]
        assert file["path"] == "elderly_facilities/2025-12/500113.csv"
        assert file["sha256"] == "dd71e0e8a690b8d046da44760df7e557ffc93456ddd9c85a650dcc5b37747a93"
        assert file["included"] == {"rows": 64, "row_numbers": list(range(2, 66)), "quantity": beds}
        assert {group["reason"]: (group["rows"], group["row_numbers"][0]) for group in file["excluded"]} == {
            "机构类型 = 农村幸福院": (150, 257),
            "机构类型 = 社区日间照料中心": (120, 77),
            "机构类型 = 社区养老服务站": (60, 197),
            "机构类型 = 老年助餐点": (48, 412),
            "机构类型 = 社区养老服务综合体": (9, 68),
            "机构类型 = 家庭养老床位": (2, 410),
            "机构类型 = 光荣院": (1, 409),
            "不符合 床位数 ≥ 10": (2, 66),
            "运营状态 = 暂停": (2, 407),
        }
    assert [check["same"] for check in traced["checks"]] == [True, True]


def test_only_twenty_row_numbers_unless_all_are_asked_for(evidence):
    file = part(trace(evidence, "nursing_bed_share", "500113", "2025"), "numerator")["files"][0]
    assert file["included"]["row_numbers"] == list(range(2, 22))


def test_money_by_purpose_and_direction(evidence):
    """fund_ledger/2025/500113.csv in 万元: 339 + 226 + 150 + 11 + 72 + 146 + 97 + 65 + 43 = 1149."""
    told = part(trace(evidence, "lottery_fund_eldercare_share", "500113", "2025"), "numerator")
    [file] = told["files"]
    assert file["included"] == {"rows": 9, "row_numbers": [2, 3, 4, 5, 8, 10, 11, 12, 13], "quantity": 11_490_000}
    assert {group["reason"]: group["row_numbers"] for group in file["excluded"]} == {
        "用途 = 其他社会福利": [6, 9, 14],
        "是否用于社会福利事业 = 否": [7, 15],
        "资金来源 = 一般公共预算": [18, 19],
        "收支类型 = 收入": [16],
        "收支类型 = 结转": [17],
    }


def test_an_own_figure_outranks_what_the_counties_add_up_to(evidence):
    """population/2025/511700.xlsx: the prefecture's own rows 3-6 and 22-25; its counties add up to 693,763."""
    told = part(trace(evidence, "population_0_14", "511700", "2025", all_rows=True), "numerator")
    assert told["own_figures"] == [
        {"region_code": "511700", "region_name": "达州市", "value": 698_686, "is_not_applicable": False}
    ]
    [file] = told["files"]
    assert file["included"] == {"rows": 8, "row_numbers": [3, 4, 5, 6, 22, 23, 24, 25], "quantity": 698_686}
    assert {group["reason"]: group["rows"] for group in file["excluded"]} == {
        "人口口径 = 户籍": 38,
        "不符合 年龄上限 ≤ 14": 28,
        "年龄上限空白": 2,
    }


def test_without_an_own_figure_the_counties_are_added_each_with_its_own(evidence):
    told = part(trace(evidence, "care_workforce_trained_annual", "511700", "2025"), "numerator")
    own = {figure["region_name"]: figure["value"] for figure in told["own_figures"]}
    assert own == {
        "通川区": 780,
        "达川区": 814,
        "宣汉县": 843,
        "开江县": 374,
        "大竹县": 737,
        "渠县": 797,
        "万源市": 355,
    }
    assert told["total"] == 4700
    assert told["files"][0]["included"]["row_numbers"] == [28, 64, 100, 136, 172, 208, 244]


def test_suppliers_that_are_missing_are_named_and_nothing_is_compared(evidence):
    """Of Chongqing's 38 districts and counties only Banan delivers its register."""
    traced = trace(evidence, "nursing_bed_share", "500000", "2025")
    assert traced["value"] is None
    missing = part(traced, "numerator")["missing_suppliers"]
    assert len(missing) == 37
    assert missing[0] == {"region_code": "500101", "region_name": "万州区", "why": "未报送"}
    assert [(check["released"], check["same"]) for check in traced["checks"]] == [(None, None), (None, None)]


def test_refused_rows_stand_beside_those_that_count(evidence):
    """elderly_facilities/2023-12/511725.xlsx: row 309 names county 511799, which does not exist."""
    told = part(trace(evidence, "nursing_bed_share", "511725", "2023"), "numerator")
    [file] = told["files"]
    assert (file["state"], file["quarantined"]) == ("partly", 1)
    assert file["refused"] == [{"reason": "区划代码无效", "rows": 1, "row_numbers": [309]}]


def test_persons_are_counts_only(evidence):
    traced = trace(evidence, "willing_tekun_centralised_care_rate", "500113", "2025", all_rows=True)
    for told in traced["parts"]:
        assert told["is_personal"]
        assert (told["total"], told["rows_included"]) == (179, 179)
        for file in told["files"]:
            groups = [file["included"], *file["excluded"], *file["refused"]]
            assert all(group["row_numbers"] == [] for group in groups)
            assert all(" = {" not in group.get("reason", "") for group in groups)
    assert sum(group["rows"] for group in traced["parts"][0]["files"][0]["excluded"]) == 472


@pytest.mark.parametrize("figure", FIGURES, ids=["-".join(figure) for figure in FIGURES])
def test_rows_add_up_to_the_released_figure(evidence, figure):
    traced = trace(evidence, *figure)
    assert traced["numerator"] is not None
    assert {check["what"]: check["same"] for check in traced["checks"]} == {
        check["what"]: True for check in traced["checks"]
    }


def test_ten_years_before_by_hand(evidence):
    """1,204,411 / 5,385,422 = 22.36 %, 923,025 / 5,468,097 = 16.88 %."""
    traced = trace(evidence, "population_60plus_share_change", "511700", "2020")
    told = [(told["role"], told["period"], told["total"]) for told in traced["parts"]]
    assert told == [
        ("numerator", "2020", 1_204_411),
        ("denominator", "2020", 5_385_422),
        ("base_numerator", "2010", 923_025),
        ("base_denominator", "2010", 5_468_097),
    ]
    assert traced["checks"][-1] == {
        "what": "value",
        "name": "指标值",
        "released": 5.48,
        "from_rows": 5.48,
        "same": True,
    }


def test_bulk_evidence_adds_up_and_tells_nothing_of_persons(evidence):
    """Every ratio, count and amount of 2025 whose rows are no persons: its region's rows are its figure."""
    frame = published_evidence(evidence, "2025")
    assert dict(frame.schema) == SCHEMA
    assert not frame.select("measure_key", "region_code", "period", "path").is_duplicated().any()
    assert not frame["path"].str.starts_with("/").any()

    persons = frame.filter(pl.col("source").is_in(["assistance_roster", "care_contacts"]))
    assert persons.height > 1000
    assert persons.select("rows_included", "rows_excluded", "quantity").null_count().row(0) == (persons.height,) * 3
    assert set(persons["row_numbers"]) | set(persons["excluded_reasons"]) == {""}

    evidence.connection.register("told", frame.to_arrow())
    sides = [
        f"select indicator_key, variant, {side}_measure as measure_key, '{side}' as side"
        " from carestat.reference.indicator_definition where kind in ('ratio', 'count', 'amount', 'difference')"
        f" and {side}_measure is not null and numerator_addend is null"
        for side in ("numerator", "denominator")
    ]
    compared = evidence.connection.execute(
        f"""
        select distinct
            measure_key, region_code, period,
            case side when 'numerator' then numerator else denominator end as released,
            added.quantity
        from ({" union all ".join(sides)})
        inner join carestat.marts.indicator_value using (indicator_key, variant)
        inner join (
            select measure_key, region_code, period, sum(quantity) as quantity from told group by all
        ) as added using (measure_key, region_code, period)
        where released is not null and added.quantity is not null
        """
    ).pl()
    differing = compared.filter((pl.col("released") - pl.col("quantity")).abs() > 1e-9 * pl.col("released").abs())
    assert differing.is_empty(), differing
    assert compared["measure_key"].n_unique() >= 80
    covered = set(compared.filter(pl.col("period") == "2025")["region_code"])
    assert {"500113", "511700", "511702", "520000", "520102", "410102"} <= covered
    assert set(compared.filter(pl.col("region_code") == "500113")["period"]) >= {"2020", "2021", "2022", "2023", "2024"}

    beds = frame.filter(measure_key="inst_nursing_beds", region_code="500113", period="2025")
    assert beds.rows(named=True) == [
        {
            "measure_key": "inst_nursing_beds",
            "source": "elderly_facilities",
            "region_code": "500113",
            "period": "2025",
            "path": "elderly_facilities/2025-12/500113.csv",
            "sha256": "dd71e0e8a690b8d046da44760df7e557ffc93456ddd9c85a650dcc5b37747a93",
            "rows_included": 64,
            "rows_excluded": 394,
            "quantity": 4130.0,
            "row_numbers": "2–21 …",
            "excluded_reasons": "机构类型 = 农村幸福院 ×150；机构类型 = 社区日间照料中心 ×120；"
            "机构类型 = 社区养老服务站 ×60；其他原因 ×64",
        }
    ]


def run(shipped: Warehouse, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["trace", *arguments, "--var", str(shipped.var)])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_takes_names_and_says_that_it_adds_up(shipped):
    code, out, _ = run(shipped, "养老机构护理型床位占比", "巴南区", "2025")
    assert code == 0
    assert "值：68.867767 % · 正常 A" in out
    assert "计入 64 行，计 4,130；第 2–21 行 …（--all 列出全部 64 行）" in out
    assert out.count("相符 · yes") == 2


def test_the_command_as_json(shipped):
    code, out, _ = run(shipped, "nursing_bed_share", "500113", "2025", "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert list(told)[:6] == ["release_id", "indicator_key", "indicator_name", "variant", "kind", "definition"]
    assert {"value", "obs_status", "numerator", "denominator", "parts", "units", "checks"} <= set(told)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nursing_bed", "500113", "2025"), "nursing_bed_share  养老机构护理型床位占比"),
        (("nursing_bed_share", "巴南", "2025"), "500113  巴南区"),
        (("nursing_bed_share", "500113", "2031"), "2020、2021、2022、2023、2024、2025"),
        (("nursing_bed_share", "500113", "2025", "--variant", "all"), "default、service_beds"),
        (("household_size_assumption", "500113", "2025"), "规则参数"),
        (("nursing_bed_share", "朝阳区", "2025"), "没有数"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(shipped, arguments, message):
    code, out, err = run(shipped, *arguments)
    assert (code, out) == (1, "")
    assert message in err


def test_wrong_usage(shipped):
    assert run(shipped, "nursing_bed_share", "500113")[0] == 2


def test_evidence_is_for_cleared_staff_and_names_no_place_on_this_machine(shipped, evidence):
    kept = shipped.settings.warehouse / "current" / "evidence.duckdb"
    assert kept.stat().st_mode & 0o777 == 0o640
    assert all(path.startswith("landing/") for (path,) in evidence.rows("select path from kept.evidence.landed"))
