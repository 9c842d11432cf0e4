"""Dagster as a service: one code server, the daemon that keeps schedule, sensors and queue, and the web interface.

The three live and die together, so that whoever watches the service (systemd) has one process to begin anew. A run in
progress dies with them; the next start finds that it is gone and begins it again (launcher.py).
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from pipelines.progress import say
from pipelines.settings import PROJECT, Settings

#: the name under which `dagster dev` knows the same code: switched schedules and sensors stay as they are
LOCATION = "pipelines.definitions"
QUIET = {
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
#: schedule and sensors report and send alerts when a night has ended, which may take longer than Dagster's one minute
PATIENT = {"DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "600", "DAGSTER_SCHEDULE_GRPC_TIMEOUT_SECONDS": "600"}
#: the longest path of a socket that Linux knows
SOCKET_PATH_BYTES = 107
START_SECONDS = 180
STOP_SECONDS = 10
LOOK_SECONDS = 0.5


class CannotStart(Exception):
    """Why the service cannot begin (zh · en)."""


class ToldToStop(Exception):
    """A signal asked for the end."""


class Ended(Exception):
    """A process of the service has ended, or never came up: which one, and how."""


def code_socket(settings: Settings) -> Path:
    """Where the code server listens: a file that the owner alone may open, no port that anyone on the machine may."""
    return settings.dagster_home / "code.sock"


def serve(settings: Settings, host: str, port: int) -> int:
    """Run the service until it is told to stop (exit code 0) or one of its processes ends (1). Raises CannotStart."""
    _prepare(settings)
    if _listens(_family(host), (host, port)):
        raise CannotStart(f"端口已被占用，另选 --port · the port is taken, choose another: {host}:{port}")
    try:
        with FileLock(settings.dagster_home / "service.lock", timeout=0, mode=0o600):
            return _Service(settings, host, port).run()
    except Timeout as taken:
        raise CannotStart(f"服务已在运行 · the service is running already: {settings.dagster_home}") from taken


def _prepare(settings: Settings) -> None:
    """var/dagster with the instance's settings and the place of the code."""
    from pipelines.warehouse.nightly import prepare_dagster_home

    where = code_socket(settings)
    if len(os.fsencode(where)) > SOCKET_PATH_BYTES:
        raise CannotStart(f"路径过长，请把 var 放到较短的路径 · the path of a socket is too long: {where}")
    prepare_dagster_home(settings)
    server = {"socket": str(where), "location_name": LOCATION}
    told = yaml.safe_dump({"load_from": [{"grpc_server": server}]})
    (settings.dagster_home / "workspace.yaml").write_text(told, encoding="utf-8")


class _Service:
    """The processes of one service, each with a group of its own, so that none of their children outlives it."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self._settings, self._host, self._port = settings, host, port
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopped = False

    def run(self) -> int:
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._stop)
        where = code_socket(self._settings)
        where.unlink(missing_ok=True)
        workspace = ["-w", str(self._settings.dagster_home / "workspace.yaml")]
        try:
            # the code is loaded once, and before anyone asks for it
            self._start("code", "dagster", "api", "grpc", "-s", str(where), "-m", LOCATION, "-d", str(PROJECT),
                        "--location-name", LOCATION, "--log-level", "warning")  # fmt: skip
            self._await("code", socket.AF_UNIX, str(where))
            self._start("daemon", "dagster._daemon", "run", *workspace, "--log-level", "warning")
            self._start("web", "dagster_webserver", "-h", self._host, "-p", str(self._port), *workspace,
                        "--dagster-log-level", "warning")  # fmt: skip
            self._await("web", _family(self._host), (self._host, self._port))
            say(f"服务已启动 · the service is up: http://{self._host}:{self._port}")
            while True:
                self._look()
                time.sleep(LOOK_SECONDS)
        except ToldToStop:
            return 0
        except Ended as ended:
            say(f"服务停止 · the service stops: {ended}")
            return 1
        finally:
            self._end()

    def _start(self, name: str, *module_and_arguments: str) -> None:
        self._processes[name] = subprocess.Popen(
            [sys.executable, "-m", *module_and_arguments],
            cwd=PROJECT,
            env=os.environ | self._settings.variables | QUIET | PATIENT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _stop(self, *_: object) -> None:
        self._stopped = True

    def _look(self) -> None:
        """Raises what ends the service, if anything does."""
        if self._stopped:
            raise ToldToStop
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise Ended(f"{name}，退出码 exit code {process.returncode}")

    def _await(self, name: str, family: int, address: str | tuple[str, int]) -> None:
        """Wait until a process listens. Raises what ends the service."""
        last = time.monotonic() + START_SECONDS
        while not _listens(family, address):
            self._look()
            if time.monotonic() > last:
                raise Ended(f"{name}，{START_SECONDS} 秒内未就绪 not ready within {START_SECONDS} s")
            time.sleep(LOOK_SECONDS)

    def _end(self) -> None:
        """First those that ask for runs, in order; then everything that is left, a run included."""
        last = time.monotonic() + STOP_SECONDS
        asking = [self._processes[name] for name in ("daemon", "web") if name in self._processes]
        for process in asking:
            process.terminate()
        for process in asking:
            try:
                process.wait(max(0, last - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        for process in self._processes.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            finally:
                process.wait()


def _listens(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as door:
        return door.connect_ex(address) == 0


def _family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
