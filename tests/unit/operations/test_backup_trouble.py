"""What can go wrong while a backup is taken, and what is told of it."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from filelock import FileLock

from pipelines.landing.store import write_sealed
from pipelines.operations.backup import taking
from pipelines.operations.backup.folder import kept
from pipelines.operations.backup.told import run_backup
from pipelines.settings import PROJECT
from pipelines.warehouse.lock import AnotherRun
from tests.unit.operations.backed_up import (
    DELIVERY,
    EVENING,
    NEXT_EVENING,
    THIRD_EVENING,
    Small,
)

DYING = PROJECT / "tests" / "integration" / "dying"


def test_a_delivery_that_is_being_written_waits_for_the_next_backup(small: Small) -> None:
    small.back_up()
    with open(small.top / DELIVERY, "a", encoding="utf-8") as arriving, open(small.top / "raw/new.csv", "w") as new:
        arriving.write("2,half a li")
        new.write("half")
        for upload in (arriving, new):
            upload.flush()
        taken = small.back_up(NEXT_EVENING)
    told = taken.manifest.left_out
    assert told.keys() == {DELIVERY, "raw/new.csv"}
    assert "沿用 20260501T200000Z 的副本" in told[DELIVERY]
    assert (taken.folder / DELIVERY).read_text(encoding="utf-8").endswith("1,20\n")
    assert not (taken.folder / "raw/new.csv").exists()
    assert taken.alarms == []
    assert small.back_up(THIRD_EVENING).manifest.left_out == {}


def test_what_cannot_be_read_is_an_alarm_and_what_is_no_file_is_told(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(small.top / "raw/pipe")
    (small.top / "raw/loop").mkdir()
    shut = small.top / "raw/loop/shut.csv"
    shut.write_text("x")
    real = os.open

    def refusing(path: object, *arguments: int, **named: int) -> int:
        if str(path) == str(shut):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refusing)
    assert run_backup(small.settings, small.backups, EVENING, None, False) == 1
    told = capsys.readouterr().err
    assert "!! raw/loop/shut.csv：读不了 · cannot be read: Permission denied" in told
    assert "raw/pipe：管道或设备" in told and "!! raw/pipe" not in told
    assert small.manifest.left_out.keys() == {"raw/pipe", "raw/loop/shut.csv"}


def test_a_released_file_that_is_not_what_was_released_is_an_alarm(small: Small) -> None:
    state = small.top / "var/warehouse/release.json"
    digests = '"sha256": {"marts.duckdb": "f2a2bb6b", "parquet/gone.parquet": "00"}'
    state.write_text(state.read_text().replace("}", f", {digests}}}"))
    assert [alarm.partition("：")[0] for alarm in small.back_up().alarms] == [
        "var/warehouse/releases/20260501T180000Z-aaaa/marts.duckdb",
        "var/warehouse/releases/20260501T180000Z-aaaa/parquet/gone.parquet",
    ]


def test_a_delivery_whose_content_rotted_on_the_disk_is_an_alarm(small: Small) -> None:
    delivered = small.top / DELIVERY
    status = delivered.stat()
    known = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": "0" * 64, "former": []}
    write_sealed(small.top / "var/landing/stat.json", {DELIVERY.removeprefix("raw/"): known})
    [alarm] = small.back_up().alarms
    assert alarm.startswith(DELIVERY) and "磁盘可能损坏" in alarm


@contextmanager
def a_disk_that_takes_files_up_to(size: int):
    """The kernel itself refuses to write more, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_backup_that_cannot_be_written_leaves_nothing_and_the_earlier_ones(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = small.back_up().folder
    before = (earlier / "SHA256SUMS").read_bytes()
    small.put("raw/large.csv", "x" * 3_000_000)
    with a_disk_that_takes_files_up_to(2_000_000):
        code = run_backup(small.settings, small.backups, NEXT_EVENING, 1, False)
    assert code == 1 and "没有备份，较早的备份不变" in capsys.readouterr().err
    assert sorted(os.listdir(small.backups)) == [".lock", earlier.name]
    assert (earlier / "SHA256SUMS").read_bytes() == before


def test_too_little_space_is_said_before_anything_is_copied(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(small.top)
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    assert run_backup(small.settings, small.backups, EVENING, None, False) == 1
    assert "空间不够：需 67 MB，可用 1 MB" in capsys.readouterr().err
    assert os.listdir(small.backups) == [".lock"]


def test_a_killed_backup_is_never_taken_for_a_whole_one(small: Small) -> None:
    """Killed at the last moment: everything is written, but nothing has its name yet."""
    small.back_up()
    dies = {"PYTHONPATH": os.pathsep.join([str(DYING), str(PROJECT)]), "DIE_BEFORE": "/backups/2"}
    folders = {"CARESTAT_RAW": str(small.settings.raw), "CARESTAT_VAR": str(small.settings.var)}
    command = "from pipelines.operations.backup_commands import backup; backup()"
    done = subprocess.run(
        [sys.executable, "-c", command, str(small.backups)],
        env=os.environ | folders | dies, capture_output=True, start_new_session=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    [half] = small.backups.glob(".*.part")
    assert (half / "manifest.json").exists() and [path.name for path in kept(small.backups)] == ["20260501T200000Z"]
    small.back_up(NEXT_EVENING)
    assert not half.exists() and len(kept(small.backups)) == 2


def test_only_the_newest_are_kept_and_never_none(small: Small) -> None:
    small.back_up()
    small.back_up(NEXT_EVENING)
    assert run_backup(small.settings, small.backups, THIRD_EVENING, 2, False) == 0
    assert [path.name for path in kept(small.backups)] == ["20260502T200000Z", "20260503T200000Z"]
    assert taking.prune(small.backups, 1) == ["20260502T200000Z"]
    assert taking.prune(small.backups, 1) == []


def test_deliveries_that_are_gone_are_an_alarm_and_nothing_is_removed(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when the folder of deliveries is not mounted: one backup after another would drop them."""
    small.back_up()
    shutil.rmtree(small.top / "raw")
    (small.top / "raw").mkdir()
    for count, evening in enumerate((NEXT_EVENING, THIRD_EVENING), 2):
        assert run_backup(small.settings, small.backups, evening, 1, False) == 1
        assert "raw/ 是否已挂载" in capsys.readouterr().err
        assert len(kept(small.backups)) == count


def test_a_backup_waits_for_a_run_and_for_another_backup(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARESTAT_WAIT", "0")
    with FileLock(small.top / "var/run.lock"), pytest.raises(AnotherRun):
        small.back_up()
    with FileLock(small.backups / ".lock"), pytest.raises(taking.Refused, match="另一次备份正在进行"):
        small.back_up()
    assert kept(small.backups) == []


@pytest.mark.parametrize("place", ["var/backups", "raw", "."])
def test_backups_and_the_installation_lie_apart(small: Small, place: str) -> None:
    before = sorted(os.listdir(small.top / "var"))
    with pytest.raises(taking.Refused, match="不能一个在另一个之内"):
        taking.take(small.settings, (small.top / place).resolve(), EVENING)
    assert sorted(os.listdir(small.top / "var")) == before
