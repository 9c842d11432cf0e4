"""The nightly run from the command line: the Dagster job of the same name, in this process."""

from __future__ import annotations

import gc
import shutil
import sys
from typing import Any

from pipelines.landing.hash_key import changed_key, load_key
from pipelines.landing.land import Landing
from pipelines.progress import PROGRESS
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.lock import AnotherRun, hold, run_lock
from pipelines.warehouse.state import fingerprint, released_state
from pipelines.warehouse.status import failed_checks
from pipelines.warehouse.workers import WORKERS


def run_nightly(settings: Settings) -> int:
    """Exit code: 0 released or nothing new · 1 failed, with the former release still in service.

    Raises KeyUnreadable.
    """
    key = load_key(settings.raw, settings.var)
    lock = run_lock(settings.var)
    try:
        hold(lock)
    except AnotherRun as waited:
        say(str(waited))
        return 1
    try:
        if told := changed_key(settings.var, key):
            say(told)
        state = released_state(settings)
        if state and state["fingerprint"] == fingerprint(settings, Landing(raw=settings.raw, var=settings.var)):
            say(f"没有新交付，{state['release_id']} 继续服务 · nothing new; {state['release_id']} stays in service")
            return 0
        return _run_job(settings, state)
    finally:
        lock.release()


def _run_job(settings: Settings, former: dict[str, str] | None) -> int:
    prepare_dagster_home(settings)
    PROGRESS.start()
    WORKERS.dbt(settings)
    WORKERS.ahead(settings)
    try:
        gc.disable()  # what is imported stays: looking for garbage in it takes a fifth of the time
        import dagster as dg

        from pipelines.definitions import defs

        gc.freeze()
        gc.enable()
        with dg.DagsterInstance.get() as instance:
            result = defs.resolve_job_def("nightly").execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
    except Exception as broken:
        say(f"运行未能开始 · the run could not start: {broken}")
        return _failed(settings, former)
    finally:
        WORKERS.close()
        PROGRESS.stop()
    if result.success:
        state = released_state(settings)
        say(f"已发布 · released: {state['release_id'] if state else ''}")
        return 0
    for event in result.all_events:
        if event.is_step_failure:
            say(f"步骤失败 · step failed: {event.step_key}\n{_innermost(event.step_failure_data.error)}")
    for line in failed_checks(settings):
        say(line)
    return _failed(settings, former)


def _failed(settings: Settings, former: dict[str, str] | None) -> int:
    if former:
        say(f"{former['release_id']} 继续服务 · stays in service.")
    say(f"见 carestat status 与 {settings.ops.name} · see `carestat status` and {settings.ops.name}")
    return 1


def _innermost(error: Any) -> str:
    """The message of the error that started it."""
    while getattr(error, "cause", None):
        error = error.cause
    return str(getattr(error, "message", error)).strip()


def prepare_dagster_home(settings: Settings) -> None:
    """var/dagster with the project's dagster.yaml."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "dagster.yaml", settings.dagster_home / "dagster.yaml")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
