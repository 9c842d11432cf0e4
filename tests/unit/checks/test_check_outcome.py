"""What a check tells, when it cannot be judged, and what a waiver excuses."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.checks import CheckOutcome, check_specs, run_checks
from pipelines.checks.outcome import CHECK_RESULT_SCHEMA
from pipelines.checks.suite import SuiteError, load_suites
from pipelines.checks.waivers import WaiverError, last_day, load_waivers

TOO_HIGH = (
    "update marts.indicator_value set value = 130, numerator = 52 "
    "where indicator_key = 'nursing_share' and region_code = '511702'"
)


def waivers_file(folder: Path, **changes: str | None) -> Path:
    entry = {
        "check": "indicator_value.share_within_0_100",
        "region": "'511702'",
        "until": "2020-12",
        "reason": "已核实",
        "approved_by": "张三",
    } | changes
    path = folder / "waivers.yml"
    lines = [f"{key}: {value}" for key, value in entry.items() if value is not None]
    path.write_text("- " + "\n  ".join(lines) + "\n", encoding="utf-8")
    return path


def one(outcome: CheckOutcome, name: str):
    return next(result for result in outcome.results if result.check == name)


def test_failure_names_region_indicator_period_and_value(check: Callable[..., CheckOutcome]) -> None:
    outcome = check("indicator_value", TOO_HIGH)
    assert one(outcome, "share_within_0_100").rows == [
        "通川区 511702 护理型占比 nursing_share default 2020，share_percent = 130.0"
    ]
    assert one(outcome, "part_within_whole").rows == [
        "通川区 511702 护理型占比 nursing_share default 2020，whole = 40.0，part = 52.0"
    ]


def test_results_are_the_rows_of_check_result(check: Callable[..., CheckOutcome]) -> None:
    outcome = check("indicator_value", TOO_HIGH)
    table = outcome.to_polars()
    assert table.schema == pl.Schema(CHECK_RESULT_SCHEMA)
    assert table.height == len(outcome.results)
    found = table.filter(~pl.col("success"))["check"].to_list()
    assert found == ["share_within_0_100", "value_not_above_maximum", "part_within_whole", "children_within_parent"]


def test_comparison_is_left_out_before_the_first_release(check: Callable[..., CheckOutcome]) -> None:
    assert "nothing_lost" not in {result.check for result in check("indicator_value").results}


def test_missing_column_fails_every_expectation_of_the_batch(check: Callable[..., CheckOutcome]) -> None:
    outcome = check("delivery", "alter table ops.reconciliation drop column ignored")
    broken = {result.check for result in outcome.failures if result.error}
    assert {"every_row_accounted_for", "counts_known", "quarantine_small"} <= broken
    assert not outcome.passed


def test_raising_expectation_counts_as_failed(good_build: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_text(
        """
suite: odd
mart: indicator_value
description_zh: 不能判定的检查
batches:
  - name: rows
    sql: select region_code, value from marts.indicator_value
    expectations:
      - {name: text_as_number, type: expect_column_values_to_be_between, severity: critical,
         kwargs: {column: region_code, min_value: 0}, reason_zh: 文本不能比大小}
      - {name: no_such_column, type: expect_column_values_to_not_be_null, severity: warning,
         kwargs: {column: nowhere}, reason_zh: 无此列}
      - {name: no_such_expectation, type: expect_the_moon, severity: warning, reason_zh: 无此检查}
      - {name: wrong_argument, type: expect_column_values_to_be_between, severity: warning,
         kwargs: {column: value, minimum: 0}, reason_zh: 参数有误}
      - {name: fine, type: expect_column_values_to_not_be_null, severity: critical,
         kwargs: {column: value}, reason_zh: 有数}
""",
        encoding="utf-8",
    )
    outcome = run_checks(good_build, None, tmp_path, None)
    assert [result.check for result in outcome.results if result.error] == [
        "text_as_number",
        "no_such_column",
        "no_such_expectation",
        "wrong_argument",
    ]
    assert one(outcome, "fine").success
    assert not outcome.passed


def test_waiver_excuses_its_rows_only(check: Callable[..., CheckOutcome], tmp_path: Path) -> None:
    both = TOO_HIGH.replace("region_code = '511702'", "region_code in ('511702', '511703')")
    waiver = waivers_file(tmp_path)
    excused = one(check("indicator_value", TOO_HIGH, waiver), "share_within_0_100")
    assert (excused.success, excused.waived, excused.failed) == (False, True, False)
    remaining = one(check("indicator_value", both, waiver), "share_within_0_100")
    assert (remaining.waived, remaining.unexpected_count, len(remaining.rows)) == (False, 1, 1)
    other_indicator = waivers_file(tmp_path, indicator="beds")
    assert one(check("indicator_value", TOO_HIGH, other_indicator), "share_within_0_100").failed


def test_waiver_lapses_with_a_later_delivery(check: Callable[..., CheckOutcome], tmp_path: Path) -> None:
    later = "; insert into ops.delivery by name select '2021-01' as period, 'landed' as state"
    outcome = check("indicator_value", TOO_HIGH + later, waivers_file(tmp_path))
    assert one(outcome, "share_within_0_100").failed
    lapsed = one(outcome, "in_force")
    assert (lapsed.severity, lapsed.failed, lapsed.column) == ("warning", True, "share_within_0_100")


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": None},
        {"approved_by": None},
        {"until": "永远"},
        {"until": "2020-13"},
        {"region": None},
        {"check": "all"},
        {"who": "x"},
    ],
)
def test_incomplete_waiver_is_refused(tmp_path: Path, changes: dict[str, str | None]) -> None:
    with pytest.raises(WaiverError, match="第 1 条"):
        load_waivers(waivers_file(tmp_path, **changes))


def test_last_day_of_a_period() -> None:
    assert [last_day(period) for period in ("2024", "2024-02", "2024-02-05")] == [
        "2024-12-31",
        "2024-02-29",
        "2024-02-05",
    ]


def test_shipped_waivers_name_existing_checks() -> None:
    suites = load_suites()
    names = {f"{suite.name}.{item.name}" for suite in suites for batch in suite.batches for item in batch.expectations}
    shipped = load_waivers(Path(__file__).parents[3] / "expectations" / "waivers.yml")
    assert {waiver.check for waiver in shipped} <= names


def test_specs_name_each_suite_and_its_mart() -> None:
    specs = check_specs()
    assert [suite for _, suite, _ in specs] == sorted(suite for _, suite, _ in specs)
    assert ("delivery", "delivery") in {(mart, suite) for mart, suite, _ in specs}
    assert all(description for _, _, description in specs)


def test_suite_named_unlike_its_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("{suite: two, mart: x, description_zh: 说明, batches: []}", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"one\.yml"):
        load_suites(tmp_path)


def test_specs_do_not_import_great_expectations() -> None:
    code = "import sys, pipelines.checks as c; c.check_specs(); sys.exit('great_expectations' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True)
