"""The code location: the graph that an outsider reads, what starts a run by itself, and that runs are recorded."""

import difflib
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from pipelines.schedules import PATIENCE_SECONDS, QUIET_SECONDS, new_deliveries, nightly_schedule
from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation

SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


@pytest.fixture
def changed(released: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A released installation with one changed delivery, as the sensor and the schedule see it."""
    installation = released.copied_to(tmp_path)
    for name, value in installation.environment().items():
        monkeypatch.setenv(name, value)
    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    return installation


def evaluated(
    cursor: dict[str, object] | None, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS
) -> tuple[dg.SensorResult, dict[str, object]]:
    """What the sensor says; `status` is that of the last nightly run."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun(job_name="nightly", run_id="the-last-one", status=status))
        result = new_deliveries(dg.build_sensor_context(instance, cursor=json.dumps(cursor) if cursor else None))
    return result, json.loads(result.cursor)


def long_still(cursor: dict[str, object], seconds: float = QUIET_SECONDS + 1) -> dict[str, object]:
    return cursor | {"since": time.time() - seconds}


def test_the_graph_is_the_reviewed_one(released: Installation) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.asset_graph"],
        cwd=PROJECT, env=released.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert not [line for line in shown if line.startswith("no description")]
    changes = difflib.unified_diff(SNAPSHOT.read_text(encoding="utf-8").splitlines(), shown, "reviewed", "now", n=1)
    assert not list(changes), "\n".join(
        difflib.unified_diff(SNAPSHOT.read_text(encoding="utf-8").splitlines(), shown, "reviewed", "now", n=1)
    )


def test_the_schedule(changed: Installation) -> None:
    assert (nightly_schedule.cron_schedule, nightly_schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert nightly_schedule.job_name == "nightly"
    at_two = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 1, 5, 18, tzinfo=UTC))
    assert isinstance(nightly_schedule(at_two), dg.RunRequest)
    changed.replace(RETURNS, CORRECTED, AS_SHIPPED)
    assert isinstance(nightly_schedule(at_two), dg.SkipReason)


def test_the_schedule_runs_when_it_cannot_tell(changed: Installation) -> None:
    """A night is not missed for want of an answer: the run meets what is wrong, and people hear of it."""
    changed.key.chmod(0o600)
    changed.key.write_bytes(b"short")
    at_two = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 1, 5, 18, tzinfo=UTC))
    assert isinstance(nightly_schedule(at_two), dg.RunRequest)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Shanghai"])
def test_the_clock_of_the_machine_moves_no_night(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One tick each day of a year in which the machine's own clock goes forward in March and back in October."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        ticks = schedule_execution_time_iterator(
            first.timestamp(), nightly_schedule.cron_schedule, nightly_schedule.execution_timezone
        )
        found = [tick.astimezone(UTC) for tick in takewhile(lambda tick: tick < last, ticks)]
    finally:
        monkeypatch.undo()
        time.tzset()
    # 02:00 in Shanghai is 18:00 UTC of the day before, in summer and winter
    assert found == [datetime(2026, 1, 1, 18, tzinfo=UTC) + timedelta(days=day) for day in range(365)]


def test_the_sensor_waits_for_quiet_and_asks_once(changed: Installation) -> None:
    result, cursor = evaluated(None)
    assert not result.run_requests and "仍在变动" in str(result.skip_reason)

    changed.replace(RETURNS, CORRECTED, "pension_insured,749000,")
    result, moved = evaluated(long_still(cursor))
    assert not result.run_requests, "a change begins the quiet time anew"
    assert moved["seen"] != cursor["seen"]

    result, _ = evaluated(long_still(moved, QUIET_SECONDS - 30))
    assert not result.run_requests
    result, _ = evaluated(long_still(moved), dg.DagsterRunStatus.STARTED)
    assert not result.run_requests and "正在运行" in str(result.skip_reason)
    result, asked = evaluated(long_still(moved))
    [request] = result.run_requests
    # begun again after a crash as a whole, since its build is swept
    assert request.tags == {"dagster/max_retries": "2", "dagster/retry_strategy": "ALL_STEPS"}

    result, _ = evaluated(asked)
    assert not result.run_requests and "没有新交付" in str(result.skip_reason)

    changed.replace(RETURNS, "pension_insured,749000,", CORRECTED)
    _, again = evaluated(asked)
    changed.replace(RETURNS, CORRECTED, "pension_insured,749000,")
    _, back = evaluated(again | {"asked": "another"})
    result, _ = evaluated(long_still(back, QUIET_SECONDS + 60))
    assert result.run_requests[0].run_key != request.run_key, "Dagster starts no second run of the same key"


def test_the_sensor_waits_for_a_file_that_is_being_written(changed: Installation) -> None:
    with open(changed.raw / "agency_returns/2021/500112.csv", "wb") as upload:
        upload.write(b"half")
        upload.flush()
        _, cursor = evaluated(None)
        result, _ = evaluated(long_still(cursor))
        assert not result.run_requests and "仍在变动" in str(result.skip_reason)
        result, _ = evaluated(long_still(cursor, PATIENCE_SECONDS + 1))
        assert result.run_requests, "what somebody has left half written keeps the others waiting for an hour only"


def test_the_sensor_skips_what_is_released(changed: Installation) -> None:
    changed.replace(RETURNS, CORRECTED, AS_SHIPPED)
    result, _ = evaluated({"seen": "", "since": 0})
    assert not result.run_requests and "没有新交付" in str(result.skip_reason)


def test_the_command_is_recorded_as_a_run(released: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    home = released.settings.dagster_home
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        [run] = instance.get_runs()
        assert (run.job_name, run.status) == ("nightly", dg.DagsterRunStatus.SUCCESS)
        assert run.tags["carestat/warehouse"] == "held", "the queue counts it: one run over the warehouse at a time"
        landed = instance.get_latest_materialization_event(dg.AssetKey(["landing", "elderly_facilities"]))
        assert landed.asset_materialization.metadata["dagster/row_count"].value > 300
        mart = dg.AssetKey(["marts", "indicator_value"])
        assert instance.get_latest_materialization_event(mart).run_id == run.run_id
        [counted] = instance.fetch_observations(mart, limit=1).records
        assert counted.asset_observation.metadata["dagster/row_count"].value > 1000
        assert instance.get_latest_materialization_event(dg.AssetKey(["release"])).run_id == run.run_id


def test_a_run_that_dagster_starts_leaves_its_record(corrected: Installation) -> None:
    """The schedule and the sensor do not go through the command: the job alone must release and write ops.duckdb."""
    [(value,)] = corrected.rows(
        "select numerator from marts.indicator_value where indicator_key = 'basic_pension_participation_rate'"
        " and region_code = '500113' and period = '2021' and variant = 'default'"
    )
    assert value == 748000
    status = corrected.run("status").stdout
    assert "landed" in status and "是否发布 · released" in status
