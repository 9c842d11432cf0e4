"""Taking a backup: what is in it, and what it shares with the one before."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.landing.store import write_sealed
from pipelines.operations.backup import taking
from pipelines.settings import PROJECT
from tests.unit.operations.backed_up import (
    DELIVERY,
    NEXT_EVENING,
    ODD_NAMES,
    PARQUET,
    THIRD_EVENING,
    Small,
)

DYING = PROJECT / "tests" / "integration" / "dying"


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
    assert len(lines) == 15 and all(line.endswith(b": OK") for line in lines)
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


def test_two_backups_of_one_second_are_two(small: Small) -> None:
    assert [small.back_up().folder.name, small.back_up().folder.name] == ["20260501T200000Z", "20260501T200001Z"]


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
