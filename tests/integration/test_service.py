"""The service: it comes up, listens on loopback alone, and ends as a whole."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import Installation

LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp has it
UNIT = PROJECT / "deploy" / "systemd" / "carestat.service"
QUESTION = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
    schedules { name scheduleState { status } } sensors { name sensorState { status } } } } } }"""


@pytest.fixture
def installation(released: Installation, tmp_path: Path) -> Installation:
    return released.copied_to(tmp_path)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(ask: Callable[[], Any], service: subprocess.Popen[str]) -> Any:
    while (answer := ask()) is None:
        assert service.poll() is None, service.communicate()[1]
        time.sleep(0.2)
    return answer


def switched(port: int) -> dict[str, str] | None:
    """Schedules and sensors with their state, once the web interface knows the code."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": QUESTION}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            nodes = json.load(answer)["data"]["repositoriesOrError"].get("nodes")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None
    if not nodes:
        return None
    return {
        one["name"]: one[f"{kind}State"]["status"]
        for node in nodes
        for kind in ("schedule", "sensor")
        for one in node[f"{kind}s"]
    }


def children(service: int) -> list[int]:
    """The processes that the service began, and theirs."""
    listed = Path(f"/proc/{service}/task/{service}/children").read_text().split()
    return [process for child in map(int, listed) for process in (child, *children(child))]


def alive(process: int) -> bool:
    """Whether it still runs: one that nobody has yet taken note of is no more than a number."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def listening(processes: list[int]) -> set[tuple[str, int]]:
    """Where any of them listens on the network: address in hexadecimal, port."""
    doors = set()
    for process in processes:
        mine = {os.readlink(f"/proc/{process}/fd/{number}") for number in os.listdir(f"/proc/{process}/fd")}
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                    address, number = fields[1].split(":")
                    doors.add((address, int(number, 16)))
    return doors


def test_the_service(installation: Installation, port: int) -> None:
    service = installation.start("service", "--port", str(port))
    try:
        states = until(lambda: switched(port), service)
        assert (states["nightly_schedule"], states["new_deliveries"]) == ("RUNNING", "RUNNING")
        assert states["annual"] == "STOPPED", "an agency decides for itself whether it publishes by the calendar"
        begun = children(service.pid)
        assert listening(begun) == {(LOOPBACK, port)}
        assert not (installation.settings.dagster_home / "code.sock").stat().st_mode & 0o022, "others may write to it"
        second = installation.run("service", "--port", str(port))
        assert second.returncode == 1 and "端口已被占用" in second.stderr
        service.send_signal(signal.SIGTERM)
        _, told = service.communicate(timeout=60)
        assert (service.returncode, told.count("服务已启动")) == (0, 1), told
        assert not [process for process in begun if alive(process)]
    finally:
        end(service)


def test_one_process_that_ends_ends_all(installation: Installation, port: int) -> None:
    """Whoever watches the service begins it anew."""
    service = installation.start("service", "--port", str(port))
    try:
        [code, *_] = until(lambda: children(service.pid) or None, service)
        os.kill(code, signal.SIGKILL)
        _, told = service.communicate(timeout=60)
        assert service.returncode == 1 and "服务停止" in told and "-9" in told
    finally:
        end(service)


def end(service: subprocess.Popen[str]) -> None:
    """Leave nothing behind, whatever failed."""
    for process in [*children(service.pid), service.pid] if service.poll() is None else []:
        os.kill(process, signal.SIGKILL)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/carestat/.venv/bin/carestat", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
