"""The nightly run from the command line: the Dagster job of the same name, in this process."""

from __future__ import annotations

import gc
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipelines.landing.hash_key import KeyUnreadable, changed_key, load_key
from pipelines.landing.store import each_file_read_once, write_bytes
from pipelines.operations.after import after_night, get_ready
from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.operations.remedies import remedies
from pipelines.progress import PROGRESS, say
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.kept import discard
from pipelines.warehouse.lock import AnotherRun, Unwritable, hold, run_lock
from pipelines.warehouse.soundness import damage_in_service
from pipelines.warehouse.state import is_of_the_present, released_state
from pipelines.warehouse.status import failed_checks
from pipelines.warehouse.workers import WORKERS


@each_file_read_once()
def run_nightly(settings: Settings, full: bool = False, looking: Future[Any] | None = None) -> int:
    """Exit code: 0 released or nothing new · 1 failed, with the former release still in service.

    A `full` night uses nothing that earlier ones kept, and releases also where nothing is new. `looking` is a thread
    that has begun to read the files in service. However it ends, the night is told of (pipelines/operations/after.py).
    Raises KeyUnreadable.
    """
    gc.disable()  # until a job starts: imports leave no garbage, and looking for it takes long
    began = datetime.now(UTC)
    former = released_state(settings)
    try:
        key = load_key(settings.raw, settings.var)
    except KeyUnreadable as refused:
        _tell(settings, Ended(State.FAILED, failures=(Failure("key", str(refused)),)), began, former)
        raise
    try:
        lock = run_lock(settings.var)
        hold(lock)
    except Unwritable as refused:
        ended = _told(State.FAILED, Failure("run.lock", str(refused)))
        _stays(former)
    except AnotherRun as waited:
        say(str(waited))
        ended = Ended(State.WAITED, failures=(Failure("run.lock", str(waited)),))
    else:
        try:
            former = released_state(settings)
            if full:
                discard(settings)
            ended = _night(settings, key, former, full, looking)
        except Exception as broken:
            ended = _told(State.FAILED, Failure("nightly", str(broken) or type(broken).__name__))
            _stays(former)
        finally:
            lock.release()
    _tell(settings, ended, began, former)
    gc.freeze()  # nor is there any to be found when the process ends
    return 0 if ended.state.is_good else 1


@dataclass(frozen=True)
class Ended:
    """How the part of a night under the lock ended."""

    state: State
    run_id: str = ""
    failures: tuple[Failure, ...] = ()


def _tell(settings: Settings, ended: Ended, began: datetime, former: dict[str, Any] | None) -> None:
    served = released_state(settings)
    after_night(
        settings,
        Outcome(
            state=ended.state,
            started_at=began,
            ended_at=datetime.now(UTC),
            run_id=ended.run_id,
            release_id=served["release_id"] if served else None,
            former_release_id=former["release_id"] if former else None,
            failures=ended.failures,
        ),
    )


def _told(state: State, *failures: Failure) -> Ended:
    """How a night failed, said with what to do about it."""
    for failure in failures:
        say(f"步骤失败 · step failed: {failure.step}\n{failure.message}")
    for remedy in remedies(failure.message for failure in failures):
        say(remedy)
    return Ended(state, failures=failures)


def _stays(former: dict[str, Any] | None) -> None:
    if former:
        say(f"{former['release_id']} 继续服务 · stays in service.")


def _night(
    settings: Settings, key: bytes, former: dict[str, Any] | None, full: bool, looking: Future[Any] | None
) -> Ended:
    if told := changed_key(settings.var, key):
        say(told)

    def look() -> str | None:
        wait([looking] if looking else [])  # it looked without the lock; what it has read is not read again
        return damage_in_service(settings)

    with ThreadPoolExecutor(1) as beside:  # one reads what was released, the other what was delivered
        looked = beside.submit(look)
        nothing_new = former is not None and not full and is_of_the_present(settings)
        if nothing_new:
            get_ready()
        damage = looked.result()
    if damage:
        say(f"{damage}；重新发布 · released anew")
    if nothing_new and not damage:
        say(f"没有新交付，{former['release_id']} 继续服务 · nothing new; {former['release_id']} stays in service")
        return Ended(State.NOTHING_NEW)
    ended = _run_job(settings)
    _told(ended.state, *ended.failures)
    state = released_state(settings)
    if state and ended.run_id and state["release_id"].endswith(f"-{ended.run_id[:8]}"):
        say(f"已发布 · released: {state['release_id']}")
        return replace(ended, state=State.RELEASED)  # whatever broke after it was put in service
    if ended.state is State.CHECKS_FAILED:
        for line in failed_checks(settings):
            say(line)
    _stays(former)
    say(f"见 carestat status 与 {settings.ops.name} · see `carestat status` and {settings.ops.name}")
    return ended


def _run_job(settings: Settings) -> Ended:
    """The job in this process."""
    prepare_dagster_home(settings)
    PROGRESS.start()
    WORKERS.dbt(settings)
    WORKERS.ahead(settings)
    try:
        gc.disable()  # what is imported stays: looking for garbage in it takes a fifth of the time
        import dagster as dg

        from pipelines.definitions import defs
        from pipelines.operations.dagster_runs import STARTED_BY, ended_of

        gc.freeze()
        gc.enable()
        with dg.DagsterInstance.get() as instance:
            result = defs.resolve_job_def("nightly").execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={STARTED_BY: "command"},
            )
    except Exception as broken:
        return Ended(State.FAILED, failures=(Failure("运行未能开始 · the run could not start", _words(broken)),))
    finally:
        WORKERS.close()
        PROGRESS.stop()
    if result.success:
        return Ended(State.RELEASED, result.run_id)
    state, failures = ended_of(result.all_events)
    return Ended(state, result.run_id, failures)


def _words(broken: Exception) -> str:
    """The message of an error, without the statement and the values that SQLAlchemy adds."""
    return str(broken).partition("\n[SQL:")[0]


def prepare_dagster_home(settings: Settings) -> None:
    """var/dagster with the project's dagster.yaml."""
    write_bytes(settings.dagster_home / "dagster.yaml", (PROJECT / "dagster.yaml").read_bytes())
