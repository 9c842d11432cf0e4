"""Five nights (five_nights.py): readers read on, what is refused is told with who did what, what slips through keeps
the former release in service, and every morning's Parquet depends on the deliveries alone."""

import pytest

import tests.integration.reader as reader
from pipelines.publication.evidence.keep import EVIDENCE, RULES
from pipelines.warehouse import read
from pipelines.warehouse.lock import run_lock
from tests.integration.five_nights import EARLIER, FILE, SECOND, FiveNights, lived_through
from tests.integration.installation import FACILITIES, Installation
from tests.worked_queries import worked_queries

RATE, OTHER_RATE = "basic_pension_participation_rate", "special_equipment_registration_rate"
CELL = "region_code = '500113' and period = '2021'"


@pytest.fixture(scope="module")
def five(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> FiveNights:
    return lived_through(released, tmp_path_factory.mktemp("nights"))


def test_each_night_ends_as_it_must(five: FiveNights) -> None:
    assert [night.run.returncode for night in five.nights] == [0, 0, 1, 0, 0], [n.run.stderr for n in five.nights]
    served = [night.in_service for night in five.nights]
    assert served[1] == served[2] and served[3] == served[4]
    assert [one[1] for one in served] == sorted(one[1] for one in served)


def test_the_report_of_each_night_names_what_happened(five: FiveNights) -> None:
    reports = [night.report for night in five.nights]
    # the first one's was followed by that of the run which had waited
    states = ["nothing_new", "released", "checks_failed", "released", "nothing_new"]
    assert [report["outcome"]["state"] for report in reports] == states
    came = [{(row["change"], row["path"], row["state"]) for row in report["came"]["listed"]} for report in reports]
    assert came[1] == {("revised", f"raw/{FACILITIES}", "partly"), ("revised", f"raw/{SECOND}", "partly")}
    assert {(change, path) for change, path, _ in came[3]} == {
        ("revised", f"raw/{FACILITIES}"),
        ("withdrawn", f"raw/{SECOND}"),
    }
    assert came[4] == set()
    told = reports[1]
    assert (told["refused"]["new_rows"], told["changed"]["values"], told["corrections"]["applied"]) == (4, 3, 1)
    assert {row["supplier_name"] for row in told["refused"]["listed"]} == {"巴南区"}
    assert [row["indicator_name"] for row in told["changed"]["largest_vanished"]] == ["特种设备登记率"]
    pressing = [row["finding"] for row in told["findings"] if row["is_pressing"]]
    assert pressing == ["changed_in_place", "correction_stale"]
    failed = [row["suite"] for row in reports[2]["checks"]["failed"] if row["severity"] == "critical"]
    assert set(failed) == {"indicator_value"}


def test_eight_readers_see_the_old_or_the_new_release_and_no_error(five: FiveNights) -> None:
    old, new = five.answers
    assert old[0] != new[0] and old[3] != new[3]
    for told in five.readers:
        assert told["asked"] > 10
        assert sorted(map(tuple, told["answers"])) == sorted([old, new])


def test_a_second_run_waits_and_then_finds_nothing_new(five: FiveNights) -> None:
    assert five.second.returncode == 0
    assert "没有新交付" in five.second.stderr


def test_nothing_new_starts_no_dagster_run_and_changes_nothing(five: FiveNights) -> None:
    assert "没有新交付" in five.nights[4].run.stderr
    assert five.nights[4].in_service == five.nights[3].in_service
    assert five.nights[4].ops.read_bytes() == five.nights[3].ops.read_bytes()
    runs = five.installation.settings.dagster_home / "history" / "runs"
    # that of the installation which was copied, and the four nights on which something was new
    assert len([path for path in runs.glob("*.db") if path.stem != "index"]) == 5


def test_the_page_shows_the_revision_and_its_file(five: FiveNights) -> None:
    [worked] = [question for question in worked_queries() if "ops.revision" in question.sql]
    released = read.released_file(five.installation.settings, five.nights[0].in_service[1])
    names, rows = read.query(released, worked.sql)
    assert (names, worked.as_shown(rows), len(rows)) == (worked.names, worked.shown, worked.total)
    assert worked.shown


def test_rules_that_the_same_code_made_are_taken_over(five: FiveNights) -> None:
    settings = five.installation.settings
    first, last = (
        read.released_file(settings, five.nights[night].in_service[1]).with_name(EVIDENCE) for night in (0, 3)
    )
    assert first.read_bytes() != last.read_bytes()
    for table in RULES:
        told = f'from evidence."{table}" order by all'
        assert read.query(last, told) == read.query(first, told)
        assert read.query(last, told)[1]


def test_a_run_that_waited_too_long_fails(five: FiveNights) -> None:
    with run_lock(five.installation.var):
        done = five.installation.run("nightly", CARESTAT_WAIT="0.5")
    assert done.returncode == 1
    assert "另一次运行仍在进行" in done.stderr


def test_an_earlier_release_still_answers(five: FiveNights) -> None:
    old, _ = five.answers
    settings = five.installation.settings
    assert tuple(read.query(read.released_file(settings, str(old[0])), reader.QUESTION)[1][0]) == old
    asked = five.installation.run("query", "--release", str(old[0]), "select release_id from ops.release")
    assert (asked.returncode, str(old[0]) in asked.stdout) == (0, True)
    unknown = five.installation.run("query", "--release", "never", "select 1")
    assert unknown.returncode == 1 and five.nights[4].in_service[1] in unknown.stderr


def test_the_revision_is_told(five: FiveNights) -> None:
    old, new = five.answers
    revised = five.rows(1, "select region_code, period, old, new, releases from ops.revision")
    assert ("500113", "2021", 747000 / 8220, 748000 / 8220, f"{old[0]} → {new[0]}") in revised


def test_the_same_deliveries_elsewhere_give_the_same_bytes(
    five: FiveNights, released: Installation, corrected: Installation
) -> None:
    """After other releases or from nothing, after a night that failed, in any folder, order and age of files, by the
    command or by the job."""
    assert five.nights[0].parquet == corrected.parquet
    assert five.nights[3].parquet == corrected.parquet
    assert five.nights[1].parquet != corrected.parquet != released.parquet
    assert len(corrected.parquet) > 10


def test_three_kinds_of_bad_rows_are_refused_and_the_run_goes_on(five: FiveNights) -> None:
    refused = five.rows(2, f"select row_number, reason from ops.quarantine where path = '{FACILITIES}' order by 1")
    last = refused[-1][0]
    assert refused == [(last - 2, "rule:nursing_le_beds"), (last - 1, "unknown_region"), (last, "duplicate_key")]


def test_every_row_of_the_file_is_accounted_for(five: FiveNights) -> None:
    [(delivered, landed, refused)] = five.rows(
        2, f"select delivered, landed, quarantined from ops.reconciliation where path = '{FACILITIES}'"
    )
    assert (delivered - landed, refused) == (3, 3)


def test_a_rate_of_200_percent_is_withheld_and_told(five: FiveNights) -> None:
    [(numerator, denominator, value, status, note)] = five.rows(
        2,
        "select numerator, denominator, value, obs_status, note from marts.indicator_value"
        f" where indicator_key = '{OTHER_RATE}' and {CELL} and variant = 'default'",
    )
    assert (numerator, denominator, value, status) == (182, 91, None, "O")
    assert note == "withheld"
    [(told,)] = five.rows(2, "select detail from ops.finding where finding = 'withheld'")
    assert "200" in told


def test_every_changed_value_names_the_file_that_changed_it(five: FiveNights) -> None:
    revised = five.rows(
        2,
        "select indicator_key, variant, region_code, period, old, new, delivery from ops.revision order by period, new",
    )
    # 参保人数 of 820,000 and of 822,000 who should be insured; the rate that is withheld
    assert revised == [
        (RATE, "default", "500113", "2020", 738000 / 8200, 739000 / 8200, FILE),
        (RATE, "default", "500113", "2021", 748000 / 8220, 750000 / 8220, SECOND),
        (OTHER_RATE, "default", "500113", "2021", 90 / 91 * 100, None, SECOND),
    ]


def test_a_correction_is_told_cell_by_cell(five: FiveNights) -> None:
    told = five.rows(2, 'select path, row_number, "column", old, new, reason, approved_by from ops.correction')
    assert told == [(EARLIER, 3, "value", "738000", "73.9万", "区人社局更正函", "统计科")]


def test_a_correction_ends_when_the_supplier_mends_the_figure(five: FiveNights) -> None:
    [(path, row, detail)] = five.rows(
        2, "select path, row_number, detail from ops.finding where finding like 'correction%'"
    )
    assert (path, row) == (SECOND, 3) and "现为 750000，不是 from 所写的 747000" in detail


def test_the_answer_to_a_refused_row_lies_beside_the_quarantine(five: FiveNights) -> None:
    [(path, row)] = five.rows(2, f"select path, row_number from ops.quarantine where path <> '{FACILITIES}'")
    assert path == SECOND
    top = "agency_returns/2021/500113_r2.csv.answer"
    answers = five.nights[1].answers
    assert [name for name in answers if name.startswith("agency_returns/")] == [f"{top}.txt", f"{top}.xlsx"]
    told = answers[f"{top}.txt"].decode()
    assert f"第 {row} 行" in told and "500113_r3" in told
    assert not five.nights[3].answers, "an answer goes with what it answered"


def test_without_withholding_the_critical_check_keeps_the_former_release(five: FiveNights) -> None:
    bad = five.nights[2]
    assert "继续服务" in bad.run.stderr
    assert bad.in_service == five.nights[1].in_service and bad.parquet == five.nights[1].parquet
    failed = bad.recorded("select suite, detail from check_result where not success and severity = 'critical'")
    assert {suite for suite, _ in failed} == {"indicator_value"}
    assert any("130" in detail and "500113" in detail for _, detail in failed)
    assert bad.recorded("select count(*) from release") == [(0,)]
