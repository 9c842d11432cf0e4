"""Runs that died, that another one made needless, and that are begun again: with the settings that are shipped."""

import errno
import gc
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import dagster as dg
import duckdb
import pytest
from dagster._core.events import EngineEventData
from dagster._core.launcher.base import LaunchRunContext, WorkerStatus
from filelock import FileLock, Timeout

from pipelines.operations.launcher import NightLauncher
from pipelines.operations.passing import begin_again_if_it_may_pass, may_pass
from pipelines.schedules import BEGUN_AGAIN
from pipelines.settings import PROJECT
from pipelines.warehouse.lock import AnotherRun
from pipelines.warehouse.night import Night
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation


@pytest.fixture
def installation(released: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A released installation of the test's own, in the environment."""
    copy = released.copied_to(tmp_path)
    for name, value in copy.environment().items():
        monkeypatch.setenv(name, value)
    return copy


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster as the service sets it up, without any run yet."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((PROJECT / "dagster.yaml").read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def job_that(error: Exception | None, before: Exception | None = None, name: str = "nightly") -> dg.JobDefinition:
    """A job whose one step raises `error`, or whose resource raises `before`."""

    @dg.resource
    def night(_: dg.InitResourceContext) -> None:
        if before:
            raise before

    @dg.op(required_resource_keys={"night"})
    def step() -> None:
        if error:
            raise RuntimeError("around it") from error

    @dg.job(
        name=name,
        resource_defs={"night": night},
        hooks={begin_again_if_it_may_pass},
        executor_def=dg.in_process_executor,
    )
    def one() -> None:
        step()

    return one


LOST_DISK = OSError(errno.EIO, "input/output error")


@pytest.mark.parametrize(
    ("error", "before", "again"),
    [
        (LOST_DISK, None, "true"),
        (ValueError("检查未通过 · a critical check failed"), None, "false"),
        (None, AnotherRun("another run still holds the warehouse"), "true"),
    ],
    ids=["disk", "check", "held"],
)
def test_a_run_is_begun_again_for_what_may_pass(
    error: Exception | None, before: Exception | None, again: str, instance: dg.DagsterInstance
) -> None:
    done = job_that(error, before).execute_in_process(instance=instance, raise_on_error=False, tags=BEGUN_AGAIN)
    run = instance.get_run_by_id(done.run_id)
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert run.tags["dagster/will_retry"] == again


def test_what_may_pass() -> None:
    assert may_pass(MemoryError())
    assert may_pass(RuntimeError("检查进程中断 · the check process ended with code -9"))
    assert may_pass(RuntimeError("The dbt CLI process with command\n\n`dbt build`\n\nfailed with exit code `-9`."))
    assert not may_pass(RuntimeError("The dbt CLI process with command\n\n`dbt build`\n\nfailed with exit code `1`."))
    assert not may_pass(OSError(errno.ENOSPC, "no space left on device"))
    assert not may_pass(PermissionError(errno.EACCES, "permission denied"))


def test_what_duckdb_says_of_a_locked_file(tmp_path: Path) -> None:
    """The words are DuckDB's own, asked of another process, since one may open its own file twice."""
    path = tmp_path / "locked.duckdb"
    with duckdb.connect(str(path)):
        other = subprocess.run(
            [sys.executable, "-c", f"import duckdb; duckdb.connect({str(path)!r})"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert other.returncode and may_pass(duckdb.IOException(other.stderr.strip().splitlines()[-1]))


def launched(instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun:
    """A queued run whose turn it is. Without a workspace Dagster's own launcher refuses it, so it was handed on."""
    run = instance.create_run_for_job(job_that(None), tags=tags, status=dg.DagsterRunStatus.STARTING)
    try:
        instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    except dg.DagsterInvariantViolationError:
        instance.add_run_tags(run.run_id, {"handed_on": "yes"})
    return instance.get_run_by_id(run.run_id)


def test_a_run_with_nothing_left_to_do_is_not_begun(installation: Installation, instance: dg.DagsterInstance) -> None:
    """Schedule and sensor asked at the same moment: the first run has taken everything when the second's turn comes."""
    assert isinstance(instance.run_launcher, NightLauncher)
    scheduled, sensed = {"dagster/schedule_name": "nightly_schedule"}, {"dagster/sensor_name": "new_deliveries"}
    for asked in (scheduled, sensed):
        run = launched(instance, asked)
        assert (run.status, run.tags["carestat/nothing_new"]) == (dg.DagsterRunStatus.CANCELED, "true")
    assert "handed_on" in launched(instance, {}).tags, "a person who asks for a run gets one"
    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    for asked in (scheduled, sensed):
        assert "handed_on" in launched(instance, asked).tags
    installation.key.write_bytes(b"short")
    assert "handed_on" in launched(instance, scheduled).tags, "it fails of itself, and people hear of it"


def test_a_run_holds_the_warehouse_until_it_ends(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that Dagster began: nobody but the run itself then keeps hold of the lock."""
    monkeypatch.setattr("pipelines.warehouse.night.WORKERS", Mock())
    another = FileLock(installation.var / "run.lock", timeout=0)
    night = Night()
    night.setup_for_execution(dg.build_init_resource_context())
    gc.collect()
    with pytest.raises(Timeout):
        another.acquire()
    night.teardown_after_execution(dg.build_init_resource_context())
    another.acquire()
    another.release()


def test_a_run_that_hears_of_no_interrupt_is_killed(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As native code that does not return: a process that stands still. What was told to stop is not begun again."""
    monkeypatch.setattr("pipelines.operations.launcher.GRACE_SECONDS", 0.2)
    with subprocess.Popen(["sleep", "600"]) as still:
        still.send_signal(signal.SIGSTOP)
        run = instance.create_run_for_job(job_that(None), tags=BEGUN_AGAIN, status=dg.DagsterRunStatus.STARTED)
        instance.report_engine_event("begun", run, EngineEventData.in_process(still.pid))
        instance.run_launcher.terminate(run.run_id)
        assert still.wait(30) == -signal.SIGKILL
    instance.report_run_failed(instance.get_run_by_id(run.run_id))
    assert instance.get_run_by_id(run.run_id).tags["dagster/will_retry"] == "false"


def test_a_dead_run_is_known(installation: Installation, instance: dg.DagsterInstance) -> None:
    """One of the command lives while somebody holds the warehouse, one of the service while the code server has it."""
    health = instance.run_launcher.check_run_worker_health
    by_command = instance.create_run_for_job(job_that(None), status=dg.DagsterRunStatus.STARTED)
    with FileLock(installation.var / "run.lock", timeout=0):
        assert health(by_command).status == WorkerStatus.RUNNING
    assert health(by_command).status == WorkerStatus.FAILED
    another = instance.create_run_for_job(job_that(None, name="publish"), status=dg.DagsterRunStatus.STARTED)
    assert health(another).status == WorkerStatus.RUNNING, "no publication holds the warehouse"

    gone = instance.create_run_for_job(
        job_that(None),
        tags={".dagster/grpc_info": '{"host": "localhost", "socket": "/gone/code.sock"}'},
        status=dg.DagsterRunStatus.STARTED,
    )
    assert health(gone).status == WorkerStatus.FAILED
