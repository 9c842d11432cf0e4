"""Runs as Dagster records them, told as outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.storage.tags import RETRY_NUMBER_TAG

from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.settings import Settings
from pipelines.warehouse.state import released_state

#: tag of a run: who started it
STARTED_BY = "carestat/started_by"
#: tag of a run that was not begun, since an earlier one had taken everything (launcher.py)
NOTHING_NEW = "carestat/nothing_new"
#: the step that judges the candidate
CHECKS = "expectations"


def ended_of(events: Iterable[dg.DagsterEvent]) -> tuple[State, tuple[Failure, ...]]:
    """How a run that did not succeed ended, and the steps that broke, or what broke before any of them. A run of which
    neither is known was killed."""
    events = list(events)
    failures = tuple(
        Failure(event.step_key or "", innermost(event.step_failure_data.error))
        for event in events
        if event.is_step_failure
    ) or tuple(
        Failure("night", innermost(event.job_failure_data.error))
        for event in events
        # of a run that was found dead there is no more than the message
        if event.is_job_failure and event.event_specific_data and event.job_failure_data.error
    )
    if not failures:
        return State.KILLED, ()
    refused = all(failure.step == CHECKS for failure in failures)
    return (State.CHECKS_FAILED if refused else State.FAILED), failures


def innermost(error: Any) -> str:
    """The message of the error that started it."""
    while getattr(error, "cause", None):
        error = error.cause
    return str(getattr(error, "message", error)).strip()


def outcome_of(instance: dg.DagsterInstance, run: dg.DagsterRun, settings: Settings) -> Outcome:
    """A finished run of the nightly job, started by Dagster."""
    stats = instance.get_run_stats(run.run_id)
    served = released_state(settings)
    release_id = served["release_id"] if served else None
    kinds = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
        dg.DagsterEventType.ASSET_MATERIALIZATION,
    }
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id, of_type=kinds) if entry.dagster_event]
    if run.status == dg.DagsterRunStatus.SUCCESS:
        released = [event.materialization for event in events if event.asset_key == dg.AssetKey("release")]
        if released:
            release_id = str(released[0].metadata["release_id"].value)
        # some steps alone, done once more by a person, release nothing
        state, failures = State.RELEASED if released else State.NOTHING_NEW, ()
    elif NOTHING_NEW in run.tags:
        state, failures = State.NOTHING_NEW, ()
    else:
        state, failures = ended_of(events)
    if release_id and release_id.rpartition("-")[2] in _attempts(run):
        state = State.RELEASED  # whatever broke, or was killed, after its release had been put in service
    earlier = sorted(folder.name for folder in (settings.warehouse / "releases").glob("*") if release_id)
    former = [name for name in earlier if name < str(release_id)] if state is State.RELEASED else [release_id]
    return Outcome(
        state=state,
        started_at=_time(stats.start_time or stats.launch_time),
        ended_at=_time(stats.end_time),
        run_id=run.run_id,
        started_by=started_by(run.tags),
        release_id=release_id,
        former_release_id=former[-1] if former else None,
        failures=failures,
    )


def _attempts(run: dg.DagsterRun) -> set[str]:
    """A run, as the ids of releases name it (warehouse/release.py); and those that it was to begin again, where nothing
    was left to do."""
    again = NOTHING_NEW in run.tags and RETRY_NUMBER_TAG in run.tags
    runs = (run.run_id, run.parent_run_id, run.root_run_id) if again else (run.run_id,)
    return {run_id[:8] for run_id in runs if run_id}


def started_by(tags: dict[str, str]) -> str:
    """schedule, sensor, command, or a person in the web interface."""
    for kind in ("schedule", "sensor"):
        if f"dagster/{kind}_name" in tags:
            return kind
    return tags.get(STARTED_BY, "person")


def _time(seconds: float | None) -> datetime:
    return datetime.fromtimestamp(seconds, UTC) if seconds else datetime.now(UTC)
