"""How Dagster begins the runs of this warehouse and learns that one has died (dagster.yaml: run_launcher)."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

from dagster import DagsterEventType, DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._core.storage.tags import GRPC_INFO_TAG, MAX_RETRIES_TAG, SCHEDULE_NAME_TAG, SENSOR_NAME_TAG
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import deserialize_value

from pipelines.operations.dagster_runs import NOTHING_NEW
from pipelines.operations.service import code_socket
from pipelines.settings import Settings

#: the job that this is about
NIGHTLY = "nightly"
#: so long an interrupted run may take to end by itself
GRACE_SECONDS = 60
NOTHING_LEFT = "没有新交付，不再运行 · nothing new is left, an earlier run took it"


class NightLauncher(DefaultRunLauncher):
    """Dagster's own launcher, which cannot tell whether a run lives: one whose machine or process died would be
    counted as running, and hold up the queue, until its time is over. With an answer Dagster marks it as failed within
    a minute (run_monitoring), and begins it again (run_retries)."""

    def launch_run(self, context: LaunchRunContext) -> None:
        """Begin a run, unless schedule or sensor asked for it and nothing new remains by now: it is then canceled."""
        run = context.dagster_run
        if run.job_name == NIGHTLY and _asked_by_itself(run) and _nothing_left():
            self._instance.add_run_tags(run.run_id, {NOTHING_NEW: "true"})
            self._instance.report_run_canceled(run, NOTHING_LEFT)
            return
        super().launch_run(context)

    def terminate(self, run_id: str) -> bool:
        """Interrupt a run that a person stops or whose time is over; it is not begun again. Native code may not hear of
        the interrupt: then its process is killed, or it would hold the warehouse for ever."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.add_run_tags(run_id, {MAX_RETRIES_TAG: "0"})
        process = self._process_of(run_id)
        if process is not None:
            late = threading.Timer(GRACE_SECONDS, _kill, (process,))
            late.daemon = True
            late.start()
        return super().terminate(run_id)

    def _process_of(self, run_id: str) -> int | None:
        """A handle of the process that works on a run, by the number it recorded; None if it has ended."""
        for entry in self._instance.all_logs(run_id, of_type=DagsterEventType.ENGINE_EVENT):
            event = entry.dagster_event
            if event and "pid" in event.engine_event_data.metadata:
                return _handle(int(str(event.engine_event_data.metadata["pid"].value)), entry.timestamp)
        return None

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that began the run; a night that none began lives as long as the warehouse is held."""
        address = run.tags.get(GRPC_INFO_TAG)
        if address is None:
            alive = run.job_name != NIGHTLY or _warehouse_is_held()
            return _told(alive, "没有进程持有数据仓库 · no process holds the warehouse")
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:
            return _told(True)
        try:
            answer: Any = deserialize_value(client.get_current_runs(), GetCurrentRunsResult)
        except DagsterUserCodeUnreachableError:
            # the service's own server is busy, or else about to be started anew, and then knows no run
            own = json.loads(address).get("socket") == str(code_socket(Settings.from_environment()))
            return _told(own, "启动它的服务已不在 · the server that began it is gone")
        return _told(run.run_id in answer.current_runs, "进程已不在 · its process is gone")


def _handle(pid: int, recorded_at: float) -> int | None:
    """A handle of a process; None if it has ended, and its number may be another's by now, after a reboot say."""
    try:
        handle = os.pidfd_open(pid)
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (ProcessLookupError, FileNotFoundError):
        return None
    ticks = int(stat.rpartition(")")[2].split()[19])  # proc(5): when it started, since the machine did
    lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    booted = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
    if booted + ticks / os.sysconf("SC_CLK_TCK") > recorded_at + 1:
        os.close(handle)
        return None
    return handle


def _kill(process: int) -> None:
    """End a process that has not ended by itself. Its workers end when their pipes close."""
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.close(process)


def _told(alive: bool, otherwise: str = "") -> CheckRunHealthResult:
    return CheckRunHealthResult(WorkerStatus.RUNNING if alive else WorkerStatus.FAILED, "" if alive else otherwise)


def _asked_by_itself(run: DagsterRun) -> bool:
    """Whether no person asked for the run; one begun again carries the tags of the first."""
    return SCHEDULE_NAME_TAG in run.tags or SENSOR_NAME_TAG in run.tags


def _nothing_left() -> bool:
    from pipelines.warehouse.state import nothing_new

    try:
        return nothing_new(Settings.from_environment())
    except Exception:
        return False  # the run itself will meet what is wrong, and tell people


def _warehouse_is_held() -> bool:
    from pipelines.warehouse.lock import AnotherRun, hold, run_lock

    lock = run_lock(Settings.from_environment().var)
    try:
        hold(lock, 0)
    except AnotherRun:
        return True
    lock.release()
    return False
