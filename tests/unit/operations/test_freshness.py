"""Freshness as Dagster shows it: of each source by the calendar, of the release by the last good night."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.operations import alerts
from pipelines.operations.freshness import RELEASE, freshness, hourly_watch, results, watch
from pipelines.operations.outcome import Outcome, State
from pipelines.schedules import nightly
from pipelines.settings import Settings

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
CALENDAR = """source,supplier,months,due_months,due_day,grace_days,first_period,last_period,note
deaths,500113,,3,31,0,2025,2025,
fund_ledger,500113,,3,31,0,2026,,
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CARESTAT_KEY", "development")
    monkeypatch.delenv("CARESTAT_ALERTS", raising=False)
    made = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path / "expectations")
    for folder in (made.raw, made.expectations, made.warehouse):
        folder.mkdir(parents=True)
    (made.expectations / "delivery_calendar.csv").write_text(CALENDAR)
    # it delivered something years ago: who never did is not asked
    first = made.raw / "deaths" / "2020" / "500113.csv"
    first.parent.mkdir(parents=True)
    first.write_text("行政区划代码\n", encoding="utf-8")
    os.utime(first, (1_600_000_000, 1_600_000_000))
    made.released.touch()
    told = {"release_id": "r", "released_at": "2026-11-20T18:00:00+00:00", "fingerprint": "f", "code_version": "c"}
    (made.warehouse / "release.json").write_text(json.dumps(told))
    return made


def by_asset(settings: Settings) -> dict[str, dg.AssetCheckResult]:
    return {result.asset_key.to_user_string(): result for result in results(settings, NOW)}


def test_a_source_is_late_by_its_own_calendar(settings: Settings) -> None:
    found = by_asset(settings)
    assert not found["raw/deaths"].passed
    assert found["raw/deaths"].description == "1 份逾期未到 · overdue"
    assert "2025 500113（500113），应于 2026-03-31，逾期 236 天" in found["raw/deaths"].metadata["逾期 · overdue"].value
    assert found["raw/fund_ledger"].passed
    assert found["raw/population"].passed
    assert {result.severity for result in found.values()} == {dg.AssetCheckSeverity.WARN}


def test_a_release_is_fresh_while_nights_are_good_also_with_nothing_new(settings: Settings) -> None:
    assert not by_asset(settings)["release"].passed, "released 31 hours ago, and no good night since"
    ended = NOW - timedelta(hours=2)
    alerts.tell(settings, Outcome(State.NOTHING_NEW, ended, ended), NOW)
    fresh = by_asset(settings)["release"]
    assert fresh.passed
    assert fresh.metadata["dagster/fresh_until_timestamp"].value == (ended + timedelta(hours=30)).timestamp()
    alerts.tell(settings, Outcome(State.FAILED, NOW, NOW), NOW)
    assert by_asset(settings)["release"].metadata == fresh.metadata, "a bad night makes it no fresher"


def test_a_broken_calendar_is_seen(settings: Settings) -> None:
    (settings.expectations / "delivery_calendar.csv").write_text("source\n")
    found = by_asset(settings)
    assert not found["raw/deaths"].passed and "delivery_calendar.csv" in found["raw/deaths"].description


def test_the_job_watch_runs_the_checks_and_the_nightly_job_does_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.variables.items():
        monkeypatch.setenv(name, value)

    @dg.asset(key=RELEASE)
    def release() -> None: ...

    state = settings.warehouse / "release.json"
    state.write_text(state.read_text().replace("2026-", "2020-"))
    defs = dg.Definitions(assets=[release], asset_checks=[freshness], jobs=[watch, nightly])
    done = defs.resolve_job_def("watch").execute_in_process(raise_on_error=True)
    evaluations = {one.asset_key.to_user_string(): one.passed for one in done.get_asset_check_evaluations()}
    assert (len(evaluations), evaluations["raw/regions"], evaluations["release"]) == (15, True, False)
    assert not done.get_asset_materialization_events()
    graph = defs.resolve_asset_graph()
    assert not nightly.selection.resolve_checks(graph) & {spec.key for spec in freshness.check_specs}


def test_the_hourly_sensor_reports_the_checks_without_a_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CARESTAT_EXPECTATIONS", str(settings.expectations))
    monkeypatch.setenv("CARESTAT_ALERTS", str(settings.raw / "no.toml"))
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.raises(Exception, match="CARESTAT_ALERTS"):
            hourly_watch(dg.build_sensor_context(instance=instance))
        monkeypatch.delenv("CARESTAT_ALERTS")
        hourly_watch(dg.build_sensor_context(instance=instance))
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [spec.key for spec in freshness.check_specs]
        )
        assert len(latest) == 15
        assert latest[dg.AssetCheckKey(RELEASE, "freshness")].evaluation.description.startswith(
            "最近一次正常的夜间运行"
        )
        assert instance.get_runs_count() == 0
