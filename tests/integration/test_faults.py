"""Faults injected for real: what is in service stays, and the next run gives what an undisturbed one gives.

The whole list, with a night after each, is `python -m tests.long.faults`.
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.operations.disk import size_of
from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation


def under(mounts: str, installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a mount table of its own, after `mounts`, in which $VAR is the folder of generated files."""
    command = f'{mounts}\nexec "$0" -m pipelines.cli "$@"'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-ec", command, sys.executable, *arguments],
        cwd=PROJECT, env=installation.environment() | {"VAR": str(installation.var)},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


@pytest.fixture(scope="module")
def own_mounts() -> None:
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"only root may mount here: {tried.stderr.strip()}")


@pytest.fixture
def waiting(released: Installation, tmp_path: Path) -> Installation:
    """A released installation with a corrected delivery that waits."""
    installation = released.copied_to(tmp_path)
    installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
    return installation


def test_a_read_only_folder_stops_the_run_with_its_remedy_and_no_reader(
    own_mounts: None, waiting: Installation
) -> None:
    read_only = 'mount --bind "$VAR" "$VAR"; mount -o remount,ro,bind "$VAR"'
    before = waiting.in_service, waiting.parquet
    done = under(read_only, waiting, "nightly")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "写不进去" in done.stderr and f"{before[0][1]} 继续服务" in done.stderr
    told = under(read_only, waiting, "status")
    assert before[0][1] in told.stdout and "Traceback" not in told.stderr, told.stderr
    asked = under(read_only, waiting, "query", "select release_id from ops.release")
    assert (asked.returncode, before[0][1] in asked.stdout) == (0, True), asked.stderr
    assert (waiting.in_service, waiting.parquet) == before


def test_a_full_disk_stops_the_run_and_no_reader(own_mounts: None, waiting: Installation) -> None:
    kept = waiting.var.with_name("kept")
    shutil.copytree(waiting.var, kept, symlinks=True)
    room = size_of(kept) + 32 * 2**20
    full = (
        f'mount -t tmpfs -o size={room} tmpfs "$VAR"; cp -a "{kept}/." "$VAR"\n'
        'head -c 64M /dev/zero > "$VAR/ballast" 2>/dev/null || :'
    )
    done = under(full, waiting, "nightly")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "磁盘已满" in done.stderr and "继续服务" in done.stderr
    told = under(full, waiting, "status")
    assert (told.returncode, "在用发布" in told.stdout) == (0, True), told.stderr


def test_a_lock_dies_with_its_holder(released: Installation, tmp_path: Path) -> None:
    installation = released.copied_to(tmp_path)
    holding = (
        "import sys, time; from pathlib import Path; from pipelines.warehouse.lock import hold, run_lock;"
        "hold(run_lock(Path(sys.argv[1]))); print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", holding, str(installation.var)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    done = installation.run("nightly", CARESTAT_WAIT="0.5")
    assert (done.returncode, "没有新交付" in done.stderr) == (0, True), done.stderr


def test_damage_everywhere_is_seen_and_made_good_from_the_deliveries(released: Installation, tmp_path: Path) -> None:
    """Nothing new was delivered, yet landing, the released file and the record of the last run are damaged."""
    installation = released.copied_to(tmp_path)
    former = installation.in_service[1]
    tops = [installation.var / "landing", installation.var / "quarantine"]
    harmed = [path for top in tops for path in top.rglob("*") if path.is_file()]
    for path in [*harmed, installation.settings.released.resolve()]:
        content = bytearray(path.read_bytes())
        for place in range(len(content) // 2, len(content), 65536):
            content[place] ^= 255
        path.write_bytes(content)
    told = installation.run("status")
    assert (told.returncode, "已损坏" in told.stdout, "marts.duckdb" in told.stdout) == (0, True, True), told.stderr
    installation.settings.ops.write_bytes(b"no database")
    installation.released_again()
    assert installation.parquet == released.parquet
    assert installation.in_service[1] > former
    assert installation.rows("select count(*) from ops.revision") == [(0,)]
    assert "已损坏" not in installation.run("status").stdout
