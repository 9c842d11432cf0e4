"""Runs every suite on a finished build: database files in, CheckOutcome out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.checks.expect import Finding, judge
from pipelines.checks.outcome import CheckOutcome, CheckResult
from pipelines.checks.scope import NOTHING_STANDS, Standing, statements
from pipelines.checks.suite import Batch, Expectation, Suite, load_suites
from pipelines.checks.waivers import Waiver, last_day, load_waivers
from pipelines.database import opened

if TYPE_CHECKING:
    import pandas as pd

ROWS_TOLD = 20
# a row is named by these columns where its batch has them; the judged columns follow with their values
NAMING = (
    "region_name", "region_code", "programme_code", "facility_id", "indicator_name", "indicator_key", "variant",
    "period",
)  # fmt: skip


def run_checks(
    database: Path,
    released: Path | None,
    suites_dir: Path,
    waivers: Path | None,
    standing: Standing = NOTHING_STANDS,
) -> CheckOutcome:
    """Judges the build by all suites.

    database: the build's marts.duckdb (schemas reference, marts, ops), closed by its writer; opened read-only.
    released: the marts.duckdb in service; batches that compare with it are left out while there is none.
    standing: what need not be judged again where it passed in the released file.
    Raises SuiteError or WaiverError for files that cannot be understood; whatever else goes wrong with an expectation
    or a batch is that expectation's failure, with its severity.
    """
    granted = load_waivers(waivers)
    suites = load_suites(suites_dir)
    has_release = released is not None and released.exists()
    beside = {"build": database} | ({"released": released} if has_release else {})
    with opened(database.with_name("spill"), **beside) as connection:
        connection.execute("use build")
        newest = _newest_period(connection)
        in_force = [waiver for waiver in granted if waiver.holds(newest)]
        passed = _passed(connection) if has_release else {}
        results = [
            result
            for suite in suites
            for batch in suite.batches
            if has_release or not batch.requires_released
            for result in _judge_batch(connection, suite, batch, in_force, standing, passed)
        ]
    lapsed = [_lapsed(waiver, newest) for waiver in granted if not waiver.holds(newest)]
    return CheckOutcome(results + lapsed)


def _newest_period(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The period that ends last among the deliveries of which rows were landed; None if there are none."""
    try:
        rows = connection.execute(
            "select distinct period from ops.delivery where state in ('landed', 'partly')"
        ).fetchall()
    except duckdb.CatalogException:
        return None
    return max((period for (period,) in rows), key=last_day, default=None)


def _passed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The checks that the released file passed without any waiver: name → what was observed."""
    try:
        rows = connection.execute(
            "select suite || '.' || \"check\", observed from released.ops.check_result where success and error = ''"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return dict(rows)


def _judge_batch(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    batch: Batch,
    waivers: list[Waiver],
    standing: Standing,
    passed: dict[str, str],
) -> Iterator[CheckResult]:
    former = {item.name: passed.get(f"{suite.name}.{item.name}") for item in batch.expectations}
    results: dict[str, CheckResult] = {}
    try:
        stand = {name for name, told in former.items() if told is not None}
        for asked, sql in statements(connection, batch, standing, stand):
            frame = connection.execute(sql).df()
            if batch.by and frame.empty:
                continue  # nothing that could be at fault
            findings = judge(frame, asked.expectations)
            for item in asked.expectations:
                told = _told(suite, item, findings[item.name], frame, waivers)
                results[item.name] = _together(results[item.name], told) if item.name in results else told
    except duckdb.Error as error:
        failure = Finding(success=False, error=f"{batch.name}: {str(error).splitlines()[0]}")
        results = {item.name: _result(suite, item, failure) for item in batch.expectations}
    for item in batch.expectations:
        stands = Finding(success=True, observed=former[item.name] or "")
        yield results.get(item.name) or _result(suite, item, stands)


def _together(one: CheckResult, other: CheckResult) -> CheckResult:
    """One expectation on two parts of a batch."""
    return replace(
        one,
        success=one.success and other.success,
        unexpected_count=one.unexpected_count + other.unexpected_count,
        waived=not (one.failed or other.failed) and (one.waived or other.waived),
        error=one.error or other.error,
        rows=[*one.rows, *other.rows][:ROWS_TOLD],
    )


def _told(suite: Suite, item: Expectation, found: Finding, frame: "pd.DataFrame", waivers: list[Waiver]) -> CheckResult:
    """The finding with its rows in words, those excused by a waiver left out."""
    if found.success or found.error or not found.positions:
        return _result(suite, item, found)
    check = f"{suite.name}.{item.name}"
    offending = [_plain(frame.iloc[position].to_dict()) for position in found.positions]
    remaining = [row for row in offending if not any(waiver.excuses(check, row) for waiver in waivers)]
    return _result(
        suite,
        item,
        found,
        unexpected_count=len(remaining),
        waived=not remaining,
        rows=[_in_words(row, item) for row in (remaining or offending)[:ROWS_TOLD]],
    )


def _result(suite: Suite, item: Expectation, found: Finding, **told: Any) -> CheckResult:
    return CheckResult(
        suite=suite.name,
        mart=suite.mart,
        check=item.name,
        expectation=item.type,
        column=item.column,
        severity=item.severity,
        success=found.success,
        reason_zh=item.reason_zh,
        observed=found.observed,
        error=found.error,
        **({"unexpected_count": 0 if found.success else found.unexpected_count} | told),
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row with missing values as None, whatever the frame used for them."""
    return {key: None if value is None or value != value else value for key, value in row.items()}


def _in_words(row: dict[str, Any], item: Expectation) -> str:
    name = " ".join(str(row[key]) for key in NAMING if row.get(key) is not None)
    judged = [part for part in item.column.split(", ") if part in row and part not in NAMING]
    told = judged if name and judged else [key for key in row if key not in NAMING]
    return "，".join([name] * bool(name) + [f"{key} = {'空' if row[key] is None else row[key]}" for key in told])


def _lapsed(waiver: Waiver, newest: str | None) -> CheckResult:
    suite, _, check = waiver.check.partition(".")
    return CheckResult(
        suite="waivers",
        mart=suite,
        check="in_force",
        expectation="waiver_in_force",
        column=check,
        severity="warning",
        success=False,
        reason_zh=f"豁免已到期（至 {waiver.until}），须重新核定或删除：{waiver.reason}",
        observed=newest or "",
        unexpected_count=1,
        rows=[f"{waiver.check} {waiver.region or ''} {waiver.indicator or ''}".strip()],
    )
