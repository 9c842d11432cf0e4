"""When runs start by themselves: every night, when deliveries have arrived and no more follow, and once a year."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import dagster as dg

from pipelines.operations.after import after_night
from pipelines.operations.freshness import freshness
from pipelines.operations.outcome import Outcome, State
from pipelines.operations.passing import begin_again_if_it_may_pass
from pipelines.publication.assets import GROUP as PUBLICATION
from pipelines.publication.shelf import Shelf
from pipelines.settings import Settings
from pipelines.warehouse.state import fingerprint, landing_of, nothing_new, released_state

#: a delivery is complete when nothing in raw/ has changed for this long
QUIET_SECONDS = 300
#: so long others wait for a file that somebody is still writing, or has left half written
PATIENCE_SECONDS = 3600
#: a run whose process died, or that another one kept waiting, is begun again, and as a whole: its build is gone
BEGUN_AGAIN = {"dagster/max_retries": "2", "dagster/retry_strategy": "ALL_STEPS"}
#: of runs with this tag one is begun at a time (dagster.yaml); the hourly look need not wait for them
ALONE = {"carestat/warehouse": "held"}
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(PUBLICATION) - dg.AssetSelection.checks(freshness),
    description="接收、计算、检查、发布 · land, compute, check, release",
    executor_def=dg.in_process_executor,
    tags=ALONE,
    hooks={begin_again_if_it_may_pass},
    config={"loggers": {"console": {"config": {"log_level": "WARNING"}}}},  # every step and asset is in the event log
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups(PUBLICATION),
    description="制成年度公报 · freeze the publication of a year",
    executor_def=dg.in_process_executor,
    tags=ALONE,
)


@dg.schedule(
    job=nightly,
    cron_schedule="0 2 * * *",
    execution_timezone="Asia/Shanghai",
    description="每日 02:00（北京时间）",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A run every night, unless neither deliveries nor code have changed since the release in service.

    After an outage Dagster asks once, for the last night missed: only schedules of partitions catch up on each.
    """
    settings, began = Settings.from_environment(), datetime.now(UTC)
    try:
        idle = nothing_new(settings)
    except Exception as unclear:  # a night that cannot be told is run: it fails for the same reason, and people hear
        context.log.warning(f"{type(unclear).__name__}: {unclear}")
        idle = False
    if idle:
        state = released_state(settings)
        served = state["release_id"] if state else None
        told = Outcome(State.NOTHING_NEW, began, datetime.now(UTC), "", "schedule", served, served)
        after_night(settings, told)
        return dg.SkipReason("没有新交付 · nothing new since the release in service")
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat(), tags=BEGUN_AGAIN)


@dg.schedule(
    job=publish,
    cron_schedule="0 9 1 6 *",
    execution_timezone="Asia/Shanghai",
    description="每年 6 月 1 日 09:00（北京时间）公布上一年度；启用与否由统计机构决定",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
def annual(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Last year's publication, unless it is out already. Nothing is forced: what stands against it fails the run."""
    year = str(context.scheduled_execution_time.year - 1)
    if latest := Shelf(Settings.from_environment().publication).latest(year):
        return dg.SkipReason(f"已有公报 {latest.name} · published already")
    return dg.RunRequest(run_key=year, partition_key=year)


@dg.sensor(
    job=nightly,
    minimum_interval_seconds=60,
    description="有新交付且 5 分钟内不再变动时运行",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Starts a run once what lies in raw/ differs from what is released and has been still for QUIET_SECONDS."""
    settings = Settings.from_environment()
    landing = landing_of(settings)
    cursor = json.loads(context.cursor or "{}")
    seen = fingerprint(settings, landing)
    now = time.time()
    if cursor.get("seen") != seen:
        cursor = {"seen": seen, "since": now, "asked": cursor.get("asked")}
    state = released_state(settings)
    still = now - cursor["since"]
    if seen in (cursor.get("asked"), state["fingerprint"] if state else None):
        reason = "没有新交付 · nothing new"
    elif still < (PATIENCE_SECONDS if landing.arriving else QUIET_SECONDS):
        reason = "交付仍在变动 · deliveries are still arriving"
    elif context.instance.get_runs_count(dg.RunsFilter(job_name=nightly.name, statuses=UNDER_WAY)):
        reason = "正在运行，结束后再看 · a run is under way, what it leaves is asked for afterwards"
    else:
        cursor["asked"] = seen
        # the same deliveries may come back: after one that was taken back, say
        request = dg.RunRequest(run_key=f"{seen}-{cursor['since']:.0f}", tags=BEGUN_AGAIN)
        return dg.SensorResult(run_requests=[request], cursor=json.dumps(cursor))
    return dg.SensorResult(skip_reason=reason, cursor=json.dumps(cursor))
