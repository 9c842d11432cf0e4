"""Taking a backup: what is in it, what it shares with the one before, and what can go wrong meanwhile."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

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
    ODD_NAMES,
    PARQUET,
    THIRD_EVENING,
    Small,
    made,
)

DYING = PROJECT / "tests" / "integration" / "dying"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(tmp_path / "outside" / "key"))
    return made(tmp_path / "installation")


def inode(backup: Path, path: str) -> int:
    return (backup / path).stat().st_ino


def checked(backup: Path) -> subprocess.CompletedProcess[bytes]:
    """What sha256sum says of it: nothing is wrong."""
    told = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=backup, capture_output=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told


def test_anybody_can_check_it_with_sha256sum(small: Small) -> None:
    taken = small.back_up()
    done = checked(taken.folder)
    lines = done.stdout.removesuffix(b"\n").split(b"\n")
    assert len(lines) == 16 and all(line.endswith(b": OK") for line in lines)
    assert (taken.folder / os.fsdecode(b"raw/not-utf8-\xff.csv")).read_bytes() == b"not-utf8-\xff.csv"


def test_it_holds_what_cannot_be_made_again_and_nothing_else(small: Small) -> None:
    manifest = small.back_up().manifest
    assert sorted(entry.path for entry in manifest.files) == sorted(
        [
            DELIVERY,
            "raw/elderly_facilities/origin.yml",
            *(os.fsdecode(b"raw/" + name) for name in ODD_NAMES),
            PARQUET,
            "var/warehouse/releases/20260501T180000Z-aaaa/marts.duckdb",
            "var/warehouse/releases/20260501T180000Z-aaaa/release.json",
            "var/warehouse/history/models.duckdb",
            "var/publication/2021/1/index.html",
            "var/quarantine/elderly_facilities/answers.json",
            "var/dagster/runs.db",
        ]
    )
    assert {entry.path: entry.target for entry in manifest.entries if entry.kind == "link"} == {
        "raw/within.csv": "elderly_facilities/2021-12/500113.csv",
        "raw/out": "/etc",
        "raw/dead": "nowhere",
        "var/warehouse/current": "releases/20260501T180000Z-aaaa",
        "var/warehouse/marts.duckdb": "current/marts.duckdb",
        "var/warehouse/release.json": "current/release.json",
    }
    assert manifest.facts["release_id"] == "20260501T180000Z-aaaa"


def test_others_than_owner_and_group_cannot_read_it(small: Small) -> None:
    backup = small.back_up().folder
    for path in [backup, *backup.rglob("*")]:
        assert path.is_symlink() or path.stat().st_mode & 0o027 == 0, path
    assert (backup / "var/warehouse/history/models.duckdb").stat().st_mode & 0o777 == 0o600


def test_a_second_backup_shares_what_did_not_change(small: Small) -> None:
    first = small.back_up().folder
    small.put(DELIVERY, "机构编号,床位数\n1,21\n", mtime_ns=1_700_000_000_000_000_000)
    os.utime(small.top / PARQUET)
    second = small.back_up(NEXT_EVENING)
    assert [first.name, second.folder.name] == ["20260501T200000Z", "20260502T200000Z"]
    assert inode(first, PARQUET) == inode(second.folder, PARQUET), "touched, but the same content"
    assert second.manifest.facts["copied_files"] == 1
    assert (first / DELIVERY).read_text(encoding="utf-8").endswith("1,20\n")
    assert (second.folder / DELIVERY).read_text(encoding="utf-8").endswith("1,21\n")
    third = small.back_up(THIRD_EVENING, afresh=True)
    assert inode(third.folder, PARQUET) != inode(first, PARQUET)


def test_what_did_not_change_is_not_read_again(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(taking.Bytes, "__call__", lambda told, count: read.append(count))
    small.back_up()
    assert sum(read) > 8192
    read.clear()
    assert small.back_up(NEXT_EVENING).manifest.facts["copied_bytes"] == 0
    assert read == []


def test_it_shares_nothing_with_the_installation(small: Small) -> None:
    backup = small.back_up().folder
    with open(small.top / DELIVERY, "r+b") as delivered:
        delivered.write(b"changed in place")
    assert (backup / DELIVERY).read_text(encoding="utf-8").startswith("机构编号")


def test_the_key_is_never_in_it(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    key = small.put("var/alerts/strayed_key", "a key that should not lie here", mode=0o600)
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(key))
    write_sealed(small.top / "var/landing/key.json", {"key_id": "0123abcd"})
    taken = small.back_up()
    assert not (taken.folder / "var/alerts/strayed_key").exists()
    assert taken.manifest.facts["key_id"] == "0123abcd"
    assert len(taken.alarms) == 1 and taken.alarms[0].startswith("var/alerts/strayed_key：这是密钥")


def test_a_database_is_as_of_one_moment(small: Small) -> None:
    """Run records are written to at any time: what is committed is in the copy, what is half written is not."""
    with closing(sqlite3.connect(small.top / "var/dagster/runs.db", isolation_level=None)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("insert into run values ('committed')")
        writer.execute("begin")
        writer.execute("insert into run values ('half written')")
        backup = small.back_up().folder
        writer.execute("rollback")
        writer.execute("insert into run values ('later')")
        later = small.back_up(NEXT_EVENING).folder
    with closing(sqlite3.connect(backup / "var/dagster/runs.db")) as copy:
        assert copy.execute("select id from run").fetchall() == [("first",), ("committed",)]
    with closing(sqlite3.connect(later / "var/dagster/runs.db")) as copy:
        assert copy.execute("select id from run").fetchall() == [("first",), ("committed",), ("later",)]
    assert os.listdir(small.top / "var/dagster") == ["runs.db"], "nothing is left beside it"


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


def test_two_backups_of_one_second_are_two(small: Small) -> None:
    assert [small.back_up().folder.name, small.back_up().folder.name] == ["20260501T200000Z", "20260501T200001Z"]


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


def test_what_arrives_or_goes_while_it_is_copied_is_as_at_the_end(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copying at leisure and the last look, under the lock."""
    real = taking.run_lock

    def meanwhile(var: Path) -> FileLock:
        (small.top / "raw/elderly_facilities/origin.yml").unlink()
        small.put("raw/elderly_facilities/2022-12/500113.csv", "new")
        small.put(DELIVERY, "replaced", mtime_ns=1_700_000_000_000_000_000)
        os.unlink(small.top / "raw/within.csv")
        (small.top / "raw/within.csv").mkdir()
        return real(var)

    monkeypatch.setattr(taking, "run_lock", meanwhile)
    backup = small.back_up().folder
    assert (backup / DELIVERY).read_text() == "replaced"
    assert (backup / "raw/elderly_facilities/2022-12/500113.csv").read_text() == "new"
    assert not (backup / "raw/elderly_facilities/origin.yml").exists() and (backup / "raw/within.csv").is_dir()
    checked(backup)
