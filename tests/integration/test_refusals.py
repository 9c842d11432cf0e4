"""One night in which rows are refused, a rate is withheld, a figure is revised and another mended by an approved
correction: the run goes on and tells who did what. What slips through keeps the former release in service."""

import dataclasses
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import FACILITIES, RETURNS, Installation

HEADER_LINES = 1
FACILITY = "500113YL0001,龙洲湾街道第1社会福利院,500113,500113003,,城市,社会福利院,公办,事业单位,是,300,130,90,90,162"
SECOND, EARLIER = RETURNS.replace(".csv", "_r2.csv"), RETURNS.replace("2021", "2020")
FILE = "expectations/agency_returns.corrections.yml"
RECORDS = """
- match: {period: 2020, supplier: 500113, item_code: pension_insured}
  column: value
  from: 738000
  to: 73.9万
  reason: 区人社局更正函
  approved_by: 统计科
- match: {period: 2021, supplier: 500113, item_code: pension_insured}
  column: value
  from: 747000
  to: 74.8万
  reason: 报送单位已自行更正，本条应失效
  approved_by: 统计科
"""
RATE, OTHER_RATE = "basic_pension_participation_rate", "special_equipment_registration_rate"
REGISTERED = ("special_equipment_registered,90,", "special_equipment_registered,182,")  # of 91: 200 %
CELL = "region_code = '500113' and period = '2021'"
INSURED = ("pension_insured,747000,", "pension_insured,1068600,")  # of 822,000: 130 %


@pytest.fixture(scope="module")
def night(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Three rows that no register may have, appended to a good one; returns sent again, with another figure, a rate of
    200 % and an amount that is none; a correction of the year before."""
    folder = tmp_path_factory.mktemp("night")
    shutil.copytree(PROJECT / "expectations", folder / "expectations")
    (folder / Path(FILE)).write_text(RECORDS, encoding="utf-8")
    # the release that ships had the same suites; only the folder is another
    installation = dataclasses.replace(released.copied_to(folder), expectations=folder / "expectations")
    path = installation.raw / FACILITIES
    good = path.read_text(encoding="utf-8-sig").splitlines()
    assert good[HEADER_LINES].startswith(FACILITY)
    good[-1:] = [line for line in good[-1:] if line]
    rest = good[HEADER_LINES].split(",")[1:]
    too_many, elsewhere = list(rest), list(rest)
    too_many[9:11] = ["300", "301"]
    elsewhere[1] = "999999"
    bad = ["500113YL9001," + ",".join(too_many), "500113YL9002," + ",".join(elsewhere), good[HEADER_LINES]]
    path.write_text("\ufeff" + "\n".join([*good, *bad]) + "\n", encoding="utf-8")
    shutil.copyfile(installation.raw / RETURNS, installation.raw / SECOND)
    installation.replace(SECOND, "pension_insured,747000,", "pension_insured,750000,")
    installation.replace(SECOND, *REGISTERED)
    with (installation.raw / SECOND).open("a", encoding="utf-8") as lines:
        lines.write("500113,urban_dependents,约12,人,民政局\n")
    return installation.released_again()


def test_three_kinds_of_bad_rows_are_refused_and_the_run_goes_on(night: Installation) -> None:
    lines = (night.raw / FACILITIES).read_text(encoding="utf-8-sig").splitlines()
    refused = night.rows(f"select row_number, reason from ops.quarantine where path = '{FACILITIES}' order by 1")
    assert dict(refused) == {
        len(lines) - 2: "rule:nursing_le_beds",
        len(lines) - 1: "unknown_region",
        len(lines): "duplicate_key",
    }


def test_every_row_of_the_file_is_accounted_for(night: Installation) -> None:
    [(delivered, landed, refused)] = night.rows(
        f"select delivered, landed, quarantined from ops.reconciliation where path = '{FACILITIES}'"
    )
    assert (delivered - landed, refused) == (3, 3)


def test_a_rate_of_200_percent_is_withheld_and_told(night: Installation) -> None:
    [(numerator, denominator, value, status, note)] = night.rows(
        "select numerator, denominator, value, obs_status, note from marts.indicator_value"
        f" where indicator_key = '{OTHER_RATE}' and {CELL} and variant = 'default'"
    )
    assert (numerator, denominator, value, status) == (182, 91, None, "O")
    assert note == "withheld"
    [(told,)] = night.rows("select detail from ops.finding where finding = 'withheld'")
    assert "200" in told


def test_every_changed_value_names_the_file_that_changed_it(night: Installation) -> None:
    revised = night.rows(
        "select indicator_key, variant, region_code, period, old, new, delivery from ops.revision order by period, new"
    )
    # 参保人数 of 820,000 and of 822,000 who should be insured; the rate that is withheld
    assert revised == [
        (RATE, "default", "500113", "2020", 738000 / 8200, 739000 / 8200, FILE),
        (RATE, "default", "500113", "2021", 747000 / 8220, 750000 / 8220, SECOND),
        (OTHER_RATE, "default", "500113", "2021", 90 / 91 * 100, None, SECOND),
    ]


def test_a_correction_is_told_cell_by_cell(night: Installation) -> None:
    assert night.rows('select path, row_number, "column", old, new, reason, approved_by from ops.correction') == [
        (EARLIER, 3, "value", "738000", "73.9万", "区人社局更正函", "统计科")
    ]


def test_a_correction_ends_when_the_supplier_mends_the_figure(night: Installation) -> None:
    [(path, row, detail)] = night.rows(
        "select path, row_number, detail from ops.finding where finding like 'correction%'"
    )
    assert (path, row) == (SECOND, 3) and "现为 750000，不是 from 所写的 747000" in detail


def test_the_answer_to_a_refused_row_lies_beside_the_quarantine(night: Installation) -> None:
    refused = night.rows(f"select path, row_number from ops.quarantine where path <> '{FACILITIES}'")
    [answer] = sorted((night.var / "quarantine" / "agency_returns").rglob("*.answer.txt"))
    assert [path for path, _ in refused] == [SECOND]
    assert answer.name == "500113_r2.csv.answer.txt" and answer.with_suffix(".xlsx").exists()
    told = answer.read_text(encoding="utf-8")
    assert f"第 {refused[0][1]} 行" in told and "500113_r3" in told


def test_without_withholding_the_critical_check_keeps_the_former_release(
    released: Installation, tmp_path: Path
) -> None:
    installation = released.copied_to(tmp_path)
    before = installation.in_service, installation.parquet
    installation.replace(RETURNS, *INSURED)
    done = installation.run("nightly", CARESTAT_DBT_VARS="{withhold_out_of_range: false}")
    assert done.returncode == 1
    assert "继续服务" in done.stderr
    assert (installation.in_service, installation.parquet) == before
    assert (
        installation.rows(
            f"select value from marts.indicator_value where indicator_key = '{RATE}' and {CELL} and variant = 'default'"
        )[0][0]
        < 100
    )
    with duckdb.connect(str(installation.settings.ops), read_only=True) as ops:
        failed = ops.execute(
            "select suite, detail from check_result where not success and severity = 'critical'"
        ).fetchall()
        assert {suite for suite, _ in failed} == {"indicator_value"}
        assert any("130" in detail and "500113" in detail for _, detail in failed)
        assert ops.execute("select count(*) from release").fetchone() == (0,)
    told = installation.run("status")
    assert "否，原发布继续服务" in told.stdout
