"""When runs start by themselves: every night, when deliveries have arrived and no more follow, and once a year."""

from __future__ import annotations

import json
import time

import dagster as dg

from pipelines.landing.land import Landing
from pipelines.publication.assets import GROUP as PUBLICATION
from pipelines.publication.shelf import Shelf
from pipelines.settings import Settings
from pipelines.warehouse.state import fingerprint, released_state

#: a delivery is complete when nothing in raw/ has changed for this long
QUIET_SECONDS = 300

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(PUBLICATION),
    description="接收、计算、检查、发布 · land, compute, check, release",
    executor_def=dg.in_process_executor,
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups(PUBLICATION),
    description="制成年度公报 · freeze the publication of a year",
    executor_def=dg.in_process_executor,
)


def _nothing_new(settings: Settings) -> bool:
    state = released_state(settings)
    landing = Landing(raw=settings.raw, var=settings.var)
    return state is not None and state["fingerprint"] == fingerprint(settings, landing)


@dg.schedule(
    job=nightly,
    cron_schedule="0 2 * * *",
    execution_timezone="Asia/Shanghai",
    description="每日 02:00（北京时间）",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A run every night, unless neither deliveries nor code have changed since the release in service."""
    if _nothing_new(Settings.from_environment()):
        return dg.SkipReason("没有新交付 · nothing new since the release in service")
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())


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
    cursor = json.loads(context.cursor or "{}")
    seen = fingerprint(settings, Landing(raw=settings.raw, var=settings.var))
    now = time.time()
    if cursor.get("seen") != seen:
        cursor = {"seen": seen, "since": now, "asked": cursor.get("asked")}
    state = released_state(settings)
    known = seen in (cursor.get("asked"), state["fingerprint"] if state else None)
    waiting = now - cursor["since"] < QUIET_SECONDS
    if known or waiting:
        reason = "没有新交付 · nothing new" if known else "交付仍在变动 · deliveries are still arriving"
        return dg.SensorResult(skip_reason=reason, cursor=json.dumps(cursor))
    cursor["asked"] = seen
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen)], cursor=json.dumps(cursor))
