"""What is wrong in a delivery is refused or withheld and told, and the run goes on; what slips through keeps the former
release in service."""

from pathlib import Path

import duckdb
import pytest

from tests.integration.installation import FACILITIES, RETURNS, Installation

HEADER_LINES = 1
FACILITY = "500113YL0001,龙洲湾街道第1社会福利院,500113,500113003,,城市,社会福利院,公办,事业单位,是,300,130,90,90,162"
INSURED = ("pension_insured,747000,", "pension_insured,1068600,")  # of a base of 822,000: 130 %
CELL = "region_code = '500113' and period = '2021' and indicator_key = 'basic_pension_participation_rate'"


@pytest.fixture(scope="module")
def faulty(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Three rows that no register may have, appended to a good one, and returns of 130 %; then a night."""
    installation = released.copied_to(tmp_path_factory.mktemp("refusals"))
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
    installation.replace(RETURNS, *INSURED)
    return installation.released_again()


def test_three_kinds_of_bad_rows_are_refused_and_the_run_goes_on(faulty: Installation) -> None:
    lines = (faulty.raw / FACILITIES).read_text(encoding="utf-8-sig").splitlines()
    refused = faulty.rows(f"select row_number, reason from ops.quarantine where path = '{FACILITIES}' order by 1")
    assert dict(refused) == {
        len(lines) - 2: "rule:nursing_le_beds",
        len(lines) - 1: "unknown_region",
        len(lines): "duplicate_key",
    }


def test_every_row_of_the_file_is_accounted_for(faulty: Installation) -> None:
    [(delivered, landed, refused)] = faulty.rows(
        f"select delivered, landed, quarantined from ops.reconciliation where path = '{FACILITIES}'"
    )
    assert (delivered - landed, refused) == (3, 3)


def test_a_rate_of_130_percent_is_withheld_and_told(faulty: Installation) -> None:
    [(numerator, denominator, value, status, note)] = faulty.rows(
        "select numerator, denominator, value, obs_status, note from marts.indicator_value"
        f" where {CELL} and variant = 'default'"
    )
    assert (numerator, denominator, value, status) == (1068600, 822000, None, "O")
    assert note == "withheld"
    [(told,)] = faulty.rows(f"select detail from ops.finding where finding = 'withheld' and {CELL}")
    assert "130" in told


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
        installation.rows(f"select value from marts.indicator_value where {CELL} and variant = 'default'")[0][0] < 100
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
