"""What Dagster does after each run of the nightly job that it started itself: the command tells of its own."""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.tags import WILL_RETRY_TAG

from pipelines.operations.after import after_night
from pipelines.operations.dagster_runs import STARTED_BY, outcome_of
from pipelines.schedules import nightly
from pipelines.settings import Settings


def _tell(context: dg.RunStatusSensorContext) -> None:
    """The command has told of its own runs; of a run that is begun again by itself the last attempt tells."""
    tags = context.dagster_run.tags
    if tags.get(STARTED_BY) == "command" or tags.get(WILL_RETRY_TAG) == "true":
        return
    settings = Settings.from_environment()
    after_night(settings, outcome_of(context.instance, context.dagster_run, settings))


def _sensor(status: dg.DagsterRunStatus, name: str) -> dg.SensorDefinition:
    return dg.run_status_sensor(
        run_status=status,
        name=name,
        monitored_jobs=[nightly],
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="夜间运行结束后：写运行报告，发告警，清理磁盘",
    )(_tell)


night_sensors = [
    _sensor(dg.DagsterRunStatus.SUCCESS, "night_succeeded"),
    _sensor(dg.DagsterRunStatus.FAILURE, "night_failed"),
    _sensor(dg.DagsterRunStatus.CANCELED, "night_canceled"),
]
