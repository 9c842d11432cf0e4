"""Runs as Dagster records them, told as outcomes: by real runs of a small job of the same name."""

import json
from collections.abc import Iterator

import dagster as dg
import pytest

from pipelines.operations.dagster_runs import NOTHING_NEW, STARTED_BY, ended_of, outcome_of, started_by
from pipelines.operations.outcome import State
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.lock import AnotherRun, hold, run_lock


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(tmp_path / "raw", tmp_path / "var", PROJECT / "dbt_project", PROJECT / "expectations")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def run(instance: dg.DagsterInstance, broken: str = "", **tags: str) -> dg.DagsterRun:
    """A job of three steps, of which one breaks."""

    def step(name: str) -> dg.OpDefinition:
        @dg.op(name=name)
        def act() -> None:
            if name == broken:
                try:
                    raise OSError("没有空间 · no space left")
                except OSError as cause:
                    raise dg.Failure("写不下去") from cause

        return act

    @dg.job(name="nightly")
    def nightly() -> None:
        for name in ("models", "expectations", "other"):
            step(name)()

    result = nightly.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
    return instance.get_run_by_id(result.run_id)


def test_a_broken_step_is_told_with_the_error_that_started_it(instance, settings) -> None:
    told = outcome_of(instance, run(instance, "models", **{"dagster/schedule_name": "nightly_schedule"}), settings)
    assert (told.state, told.started_by) == (State.FAILED, "schedule")
    [failure] = told.failures
    assert failure.step == "models" and "no space left" in failure.message
    assert told.release_id is None and told.started_at <= told.ended_at


def test_a_night_that_the_checks_refused_is_not_a_broken_one(instance, settings) -> None:
    assert outcome_of(instance, run(instance, "expectations"), settings).state is State.CHECKS_FAILED


def test_a_run_that_ended_without_a_broken_step_was_killed() -> None:
    assert ended_of([]) == (State.KILLED, ())


def test_a_run_that_was_found_dead_was_killed_unless_it_had_released(instance, settings) -> None:
    job = dg.JobDefinition(name="nightly", graph_def=dg.GraphDefinition(name="nightly"))
    dead = instance.create_run_for_job(job)
    instance.report_run_failed(dead, "进程已不在")
    told = outcome_of(instance, instance.get_run_by_id(dead.run_id), settings)
    assert (told.state, told.failures) == (State.KILLED, ())
    for name in ("20260501T180000Z-aaaaaaaa", f"20260502T180000Z-{dead.run_id[:8]}"):
        folder = settings.warehouse / "releases" / name
        folder.mkdir(parents=True)
        said = dict.fromkeys(("released_at", "fingerprint", "code_version"), "") | {"release_id": name}
        (folder / "release.json").write_text(json.dumps(said))
    (folder / "marts.duckdb").touch()
    for file in ("release.json", "marts.duckdb"):
        (settings.warehouse / file).symlink_to(folder / file)
    told = outcome_of(instance, instance.get_run_by_id(dead.run_id), settings)
    assert (told.state, told.release_id, told.former_release_id) == (
        State.RELEASED, folder.name, "20260501T180000Z-aaaaaaaa",
    )  # fmt: skip


def test_who_started_it() -> None:
    assert started_by({"dagster/sensor_name": "new_deliveries"}) == "sensor"
    assert started_by({STARTED_BY: "command"}) == "command"
    assert started_by({}) == "person"


def test_a_run_that_was_not_begun_is_a_night_with_nothing_new(instance, settings) -> None:
    job = dg.JobDefinition(name="nightly", graph_def=dg.GraphDefinition(name="nightly"))
    queued = instance.create_run_for_job(job, tags={NOTHING_NEW: "true"})
    instance.report_run_canceled(queued, "没有新交付")
    told = outcome_of(instance, instance.get_run_by_id(queued.run_id), settings)
    assert (told.state, told.failures) == (State.NOTHING_NEW, ())


def test_another_run_is_not_waited_for_longer_than_asked(tmp_path) -> None:
    first, second = run_lock(tmp_path / "var"), None
    hold(first)
    from filelock import FileLock

    second = FileLock(tmp_path / "var" / "run.lock")
    with pytest.raises(AnotherRun, match="0 秒"):
        hold(second, 0)
    first.release()
