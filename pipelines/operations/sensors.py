"""What Dagster does after each run of the nightly job that it started itself, or whose command was killed."""

from __future__ import annotations

from datetime import datetime

import dagster as dg
from dagster._core.storage.tags import WILL_RETRY_TAG

from pipelines.operations.after import after_night
from pipelines.operations.dagster_runs import STARTED_BY, outcome_of
from pipelines.operations.outcome import Outcome, State
from pipelines.schedules import nightly
from pipelines.settings import Settings
from pipelines.warehouse.state import released_state


def _tell(context: dg.RunStatusSensorContext) -> None:
    """The command tells of its own runs, unless it was killed; of a run that is begun again by itself the last attempt
    tells; of one that was not begun, the run that had taken everything."""
    run = context.dagster_run
    by_command = run.tags.get(STARTED_BY) == "command"
    if run.tags.get(WILL_RETRY_TAG) == "true" or (by_command and run.status != dg.DagsterRunStatus.FAILURE):
        return
    settings = Settings.from_environment()
    outcome = outcome_of(context.instance, run, settings)
    if by_command and (outcome.state is not State.KILLED or _released_since(settings, outcome)):
        return
    if outcome.state is not State.NOTHING_NEW:
        after_night(settings, outcome)


def _released_since(settings: Settings, outcome: Outcome) -> bool:
    """Whether another night has made up for a killed one before that was found dead."""
    served = released_state(settings)
    return served is not None and datetime.fromisoformat(served["released_at"]) > outcome.started_at


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
