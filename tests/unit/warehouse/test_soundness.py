"""Damage to what is in service is seen, and does not keep a night from comparing or from naming its release."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import duckdb
import pytest

from pipelines.landing import store
from pipelines.landing.store import each_file_read_once
from pipelines.operations.remedies import remedies
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.release import last_made
from pipelines.warehouse.soundness import STATE, comparable, damage_in_service, digests
from pipelines.warehouse.state import landing_of, released_state

FIRST, SECOND = "20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two releases, the second in service."""
    settings = Settings(tmp_path / "raw", tmp_path / "var", PROJECT / "dbt_project", PROJECT / "expectations")
    for release_id in (FIRST, SECOND):
        folder = settings.warehouse / "releases" / release_id
        (folder / "parquet" / "marts").mkdir(parents=True)
        duckdb.connect(str(folder / "marts.duckdb")).close()
        (folder / "parquet" / "marts" / "x.parquet").write_bytes(b"rows")
        state = {name: "" for name in ("fingerprint", "code_version")}
        state |= {"release_id": release_id, "released_at": f"{release_id[:4]}-01-{release_id[6:8]}T00:00:00+00:00"}
        (folder / STATE).write_text(json.dumps(state | {"sha256": digests(folder)}))
    duckdb.connect(str(settings.ops)).close()
    (settings.warehouse / "current").symlink_to(Path("releases") / SECOND)
    for name in ("marts.duckdb", "parquet", STATE):
        (settings.warehouse / name).symlink_to(Path("current") / name)
    return settings


def overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def damage_what_releases_share(top: Path) -> None:
    """A table whose rows stay is one file in several releases: one bad block damages them all."""
    first, second = (top / "releases" / name / "parquet/marts/x.parquet" for name in (FIRST, SECOND))
    first.unlink()
    os.link(second, first)
    overwrite(second)


#: harm → what is told, and the release that a night then compares with
HARM: dict[str, tuple[Callable[[Path], object], str, str | None]] = {
    "marts": (lambda top: overwrite(top / "marts.duckdb"), "marts.duckdb", FIRST),
    "parquet": (lambda top: overwrite(top / "parquet/marts/x.parquet"), "parquet/marts/x.parquet", FIRST),
    "parquet shared": (damage_what_releases_share, "parquet/marts/x.parquet", None),
    "parquet gone": (lambda top: (top / "parquet/marts/x.parquet").unlink(), "parquet/marts/x.parquet", FIRST),
    "state": (lambda top: (top / STATE).write_text('{"release_id": 1}'), STATE, FIRST),
    "state emptied": (lambda top: (top / STATE).write_text(""), STATE, FIRST),
    "ops": (lambda top: (top / "ops.duckdb").write_bytes(b"no database"), "ops.duckdb", SECOND),
    "ops gone": (lambda top: (top / "ops.duckdb").unlink(), "ops.duckdb", SECOND),
    "release gone": (lambda top: shutil.rmtree(top / "releases" / SECOND), "current", FIRST),
    "all gone": (lambda top: shutil.rmtree(top / "releases"), "current", None),
    "link lost": (lambda top: (top / "current").unlink(), "current", SECOND),
    "name lost": (lambda top: (top / "marts.duckdb").unlink(), "marts.duckdb", SECOND),
}


@pytest.mark.parametrize("harm", HARM)
def test_damage_is_named(settings: Settings, harm: str) -> None:
    assert damage_in_service(settings) is None
    assert comparable(settings) == settings.warehouse / "releases" / SECOND
    act, named, left = HARM[harm]
    act(settings.warehouse)
    told = damage_in_service(settings)
    assert told is not None and named in told
    assert comparable(settings) == (left and settings.warehouse / "releases" / left)


def test_a_night_reads_a_file_once_and_again_if_it_changed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bits that rot change no time: the next night sees them."""
    marts, table = (settings.warehouse / name for name in ("marts.duckdb", "parquet/marts/x.parquet"))
    for path in (marts, table):
        os.utime(path, (0, 0))
    read: list[int] = []
    digest = store._sha256
    monkeypatch.setattr(store, "_sha256", lambda file, size: read.append(file.fileno()) or digest(file, size))
    with each_file_read_once():
        assert damage_in_service(settings) is None and len(read) == 2
        overwrite(marts)
        os.utime(marts, (0, 0))
        assert damage_in_service(settings) is None and len(read) == 2
        os.link(table, table.with_name("y.parquet"))
        assert "parquet/marts/y.parquet" in digests(settings.warehouse / "current") and len(read) == 2
        overwrite(table)
        told = damage_in_service(settings)
        assert told is not None and "x.parquet" in told and "marts.duckdb" not in told
    with each_file_read_once():
        told = damage_in_service(settings)
        assert told is not None and "marts.duckdb" in told


def test_a_file_just_written_is_read_each_time(settings: Settings) -> None:
    """Written twice within one step of the file system's clock, it keeps its time."""
    with each_file_read_once():
        assert damage_in_service(settings) is None
        path = settings.warehouse / "marts.duckdb"
        written = path.stat().st_mtime_ns
        overwrite(path)
        os.utime(path, ns=(written, written))
        assert damage_in_service(settings) is not None


def test_nothing_released_yet_is_no_damage(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "raw", tmp_path / "var", PROJECT / "dbt_project", PROJECT / "expectations")
    assert (damage_in_service(settings), comparable(settings), released_state(settings)) == (None, None, None)


def test_an_id_rises_above_every_release_that_is_kept(settings: Settings) -> None:
    os.replace(settings.warehouse / "releases" / FIRST, settings.warehouse / "releases" / "20990101T000000Z-dddddddd")
    (settings.warehouse / "releases" / "notes").mkdir()
    assert last_made(settings) == datetime(2099, 1, 1, tzinfo=UTC)


def test_a_clock_set_back_refuses_no_delivery(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was no future period for the release in service is none now."""

    class LongAgo(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2019, 1, 1, tzinfo=tz)

    monkeypatch.setattr("pipelines.warehouse.state.datetime", LongAgo)
    (settings.warehouse / "current" / STATE).write_text(
        (settings.warehouse / STATE).read_text().replace("2026-01-02", "2024-06-01")
    )
    for period in ("2024", "2025"):
        (settings.raw / "deaths" / period).mkdir(parents=True)
        (settings.raw / "deaths" / period / "511702.csv").write_text("x")
    monkeypatch.setenv("CARESTAT_KEY", "5a" * 16 + "0123456789abcdef" * 2)
    faults = {file.period: file.fault for file in landing_of(settings).discover().files}
    assert faults["2024"] is None and "将来" in faults["2025"]


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("[Errno 28] No space left on device: 'x'", "磁盘已满"),
        ("sqlite3.OperationalError: database or disk is full", "磁盘已满"),
        ("(sqlite3.OperationalError) disk I/O error", "磁盘已满"),
        ("[Errno 30] Read-only file system: 'x'", "写不进去"),
        ("检查进程中断 · the check process ended with code -9", "内存不足"),
        ("The dbt CLI process failed with exit code `-9`", "内存不足"),
        ("file is not a database", "var/dagster"),
    ],
)
def test_an_error_of_the_machine_is_told_with_its_remedy(message: str, remedy: str) -> None:
    [told] = remedies([message, message])
    assert remedy in told
    assert remedies(["Binder Error: no such column"]) == []
