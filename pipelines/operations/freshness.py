"""Freshness as Dagster asset checks, looked at every hour, when people are told what is news. The job `watch` does the
same at once, for whoever does not want to wait.

Not FreshnessPolicy: it counts the hours since an asset was materialized. A delivery folder never is, and is late by its
own calendar; and a night with nothing new materializes no release, yet leaves it as fresh as can be.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import polars as pl

from pipelines.contracts import SOURCES
from pipelines.operations.local_time import local_day, shown
from pipelines.settings import Settings

NAME = "freshness"
RELEASE = dg.AssetKey("release")
#: what the web interface reads of a freshness check
LAST_UPDATED, FRESH_UNTIL = "dagster/last_updated_timestamp", "dagster/fresh_until_timestamp"
#: overdue deliveries that a check lists; the rest is counted
LISTED = 50

SPECS = [
    *(
        dg.AssetCheckSpec(
            NAME, asset=["raw", source], description="按 expectations/delivery_calendar.csv 应报的是否到齐"
        )
        for source in SOURCES
    ),
    dg.AssetCheckSpec(NAME, asset=RELEASE, description="多少小时内有过正常的夜间运行；没有新交付也算正常"),
]


@dg.multi_asset_check(name="freshness", specs=SPECS, can_subset=True, description="按期与新鲜，有变化即告警")
def freshness(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Never part of a night, never in the way of a release. A broken alert configuration fails the run, at its end."""
    from pipelines.operations.alerts import watch as tell_news

    settings, now = Settings.from_environment(), datetime.now(UTC)
    keys = {key.asset_key for key in context.selected_asset_check_keys}
    yield from (result for result in results(settings, now) if result.asset_key in keys)
    for channel, headline, answer in tell_news(settings, now).unsent:
        context.log.warning(f"告警未送出 · alert not sent: {channel}：{headline}：{answer}")


watch = dg.define_asset_job(
    "watch",
    selection=dg.AssetSelection.checks(freshness),
    description="立即看一遍：交付是否逾期，数据是否陈旧，磁盘是否将满；有变化即告警",
    executor_def=dg.in_process_executor,
)


@dg.sensor(
    name="hourly_watch",
    minimum_interval_seconds=3600,
    description="每小时看一遍：交付是否逾期，数据是否陈旧，磁盘是否将满；有变化即告警",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def hourly_watch(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """The same without a run: a night that hangs in the queue of runs must not silence it, nor 24 runs a day hide the
    nights. A broken alert configuration fails the tick, at its end."""
    from pipelines.operations.alerts import watch as tell_news

    settings, now = Settings.from_environment(), datetime.now(UTC)
    try:
        for result in results(settings, now):
            context.instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=result.asset_key,
                    check_name=result.check_name,
                    passed=result.passed,
                    severity=result.severity,
                    description=result.description,
                    metadata=result.metadata,
                )
            )
    finally:  # people hear also where Dagster's own records cannot be written
        told = tell_news(settings, now)
    return dg.SkipReason("；".join(told.amiss) or "一切正常 · all is well")


def results(settings: Settings, now: datetime) -> Iterator[dg.AssetCheckResult]:
    """One for each of SPECS."""
    yield from _of_sources(settings, now)
    yield _of_release(settings, now)


def _of_sources(settings: Settings, now: datetime) -> Iterator[dg.AssetCheckResult]:
    from pipelines.operations.calendar import CalendarInvalid, due

    try:
        frame = due(settings, local_day(now))
    except CalendarInvalid as invalid:
        yield from (_result(["raw", source], False, str(invalid), {}) for source in SOURCES)
        return
    for source in SOURCES:
        yield _of_source(source, frame.filter(pl.col("source") == source))


def _of_source(source: str, frame: pl.DataFrame) -> dg.AssetCheckResult:
    """`frame` as calendar.DUE, of one source."""
    from pipelines.operations.alerts.late import is_overdue

    if frame.is_empty():
        return _result(["raw", source], True, "期限表对此来源没有要求 · nothing is asked for", {})
    overdue = frame.filter(is_overdue())
    metadata: dict[str, dg.MetadataValue] = {"期限内应报 · due": dg.MetadataValue.int(frame.height)}
    if (last := frame["received_at"].max()) is not None:
        metadata[LAST_UPDATED] = dg.MetadataValue.timestamp(last)
    if overdue.is_empty():
        awaited = frame.filter(pl.col("state") == "not_yet_due")["grace_until"].min()
        if awaited is not None:
            metadata["下一期限 · next due"] = dg.MetadataValue.text(awaited.isoformat())
        return _result(["raw", source], True, "应报已齐 · nothing is overdue", metadata)
    listed = overdue.sort("days_late", "supplier", descending=[True, False]).head(LISTED)
    rows = [
        f"{row['period']} {row['region_name']}（{row['supplier']}），应于 {row['due_date']}，逾期 {row['days_late']} 天"
        for row in listed.iter_rows(named=True)
    ]
    metadata["逾期 · overdue"] = dg.MetadataValue.md("\n".join(f"- {row}" for row in rows))
    return _result(["raw", source], False, f"{overdue.height} 份逾期未到 · overdue", metadata)


def _of_release(settings: Settings, now: datetime) -> dg.AssetCheckResult:
    from pipelines.operations.alerts.configuration import When, configured
    from pipelines.operations.alerts.memory import remembered
    from pipelines.operations.alerts.occasions import last_good
    from pipelines.operations.alerts.secret_values import Misconfigured
    from pipelines.warehouse.state import released_state

    try:
        config = configured(settings)
    except Misconfigured:
        config = None
    limit = timedelta(hours=(config.when if config else When()).stale_hours)
    good = last_good(remembered(settings.var), released_state(settings))
    if good is None:
        return _result(RELEASE, False, "至今没有一次正常的夜间运行 · no good night yet", {})
    metadata = {
        LAST_UPDATED: dg.MetadataValue.timestamp(good),
        FRESH_UNTIL: dg.MetadataValue.timestamp(good + limit),
    }
    hours = (now - good) / timedelta(hours=1)
    told = f"最近一次正常的夜间运行：{shown(good)}，{hours:.1f} 小时前 · last good night {hours:.1f} hours ago"
    return _result(RELEASE, now - good <= limit, told, metadata)


def _result(
    key: list[str] | dg.AssetKey, passed: bool, told: str, metadata: dict[str, dg.MetadataValue]
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        check_name=NAME,
        asset_key=dg.AssetKey(key) if isinstance(key, list) else key,
        severity=dg.AssetCheckSeverity.WARN,
        description=told,
        metadata=metadata,
    )
