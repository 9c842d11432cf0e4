"""Tidying removes what nothing refers to, and nothing else: landing and the traces of kept releases do not notice."""

import os
import random
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.landing.land import Landing
from pipelines.landing.results import Landed
from pipelines.landing.store import sha256_of
from pipelines.operations import disk, housekeeping
from pipelines.operations.housekeeping import tidy
from pipelines.operations.run_records import compact, old_runs
from pipelines.settings import PROJECT, Settings

REGIONS = (
    "区划代码,区划名称,级别,上级区划代码,县级类型,乡级类型,城乡分类,是否国标代码,是否单独报送,生效日期,失效日期,后继代码\n"
    "000000,全国,全国,000000,,,,是,否,1949-10-01,,\n"
    "511702,通川区,县级,000000,市辖区,,,是,否,1999-01-01,,\n"
    "511703,达川区,县级,000000,市辖区,,,是,否,2013-07-18,,\n"
)
COUNTS = "区划代码,性别,年龄组,死亡人数"
#: grace passes
LATER = timedelta(hours=3)


@pytest.fixture(autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_bytes(b"k" * 32)
    path.chmod(0o600)
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(path))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "raw", tmp_path / "var", PROJECT / "dbt_project", PROJECT / "expectations")
    deliver(settings, "regions/2023-12-31/000000.csv", REGIONS)
    return settings


def deliver(settings: Settings, path: str, text: str) -> None:
    target = settings.raw / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def land(settings: Settings, var: Path) -> list[Landed]:
    landing = Landing(settings.raw, var)
    return [landing.land(source) for source in ("regions", "deaths")]


def told(landed: list[Landed]) -> object:
    """All that a night takes from landing: the files by content, and what is told of them."""
    files = [
        [(path.parent.name, path.name, sha256_of(path)) for path in (*part.files, *part.quarantined, *part.faults)]
        for part in landed
    ]
    return files, [[frame.rows() for frame in (part.delivery, part.reconciliation, part.quarantine)] for part in landed]


def release(settings: Settings, number: int, landed: list[Landed]) -> dict[Path, str]:
    """A release whose evidence reads the landed files; and what they are."""
    folder = settings.warehouse / "releases" / f"2026010{number}T000000Z-{number:08}"
    folder.mkdir(parents=True)
    files = {path: sha256_of(path) for part in landed for path in part.files}
    with duckdb.connect(str(folder / "evidence.duckdb")) as connection:
        connection.execute("create schema evidence; create table evidence.evidence.landed (source text, path text)")
        for path in files:
            connection.execute(
                "insert into evidence.evidence.landed values ('', ?)", [os.path.relpath(path, settings.var)]
            )
    link = settings.warehouse / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / folder.name)
    return files


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_landing_and_kept_releases_do_not_notice(
    settings: Settings, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries that come, change, change back and go, with a night after each, tidied or not."""
    monkeypatch.setattr(housekeeping, "KEPT_RELEASES", 2)
    chance, traced = random.Random(seed), []
    for night in range(1, 7):
        path = f"deaths/{chance.choice((2023, 2024))}/{chance.choice((511702, 511703))}.csv"
        if (settings.raw / path).exists() and chance.random() < 0.3:
            (settings.raw / path).unlink()
        else:
            # one of three contents, one with a refused row: some come back
            row = f"{path[-10:-4]},合计,合计,{chance.choice((1, 22, '三'))}"
            deliver(settings, path, f"{COUNTS}\n{row}\n")
            os.utime(settings.raw / path, (night, night))
        landed = land(settings, settings.var)
        assert told(landed) == told(land(settings, tmp_path / "untidied"))
        traced.append(release(settings, night, landed))
        done = tidy(settings, now=datetime.now(UTC) + LATER)
        assert done.troubles == []
        kept = {path: sha256 for files in traced[-2:] for path, sha256 in files.items()}
        assert {path: sha256_of(path) for path in kept} == kept
    assert told(land(settings, settings.var)) == told(land(settings, tmp_path / "untidied"))


def test_var_stops_growing_while_the_same_change_comes_and_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "KEPT_RELEASES", 2)
    sizes = []
    for night in range(1, 8):
        deliver(settings, "deaths/2024/511702.csv", f"{COUNTS}\n511702,合计,合计,{100 + night}\n")
        release(settings, night, land(settings, settings.var))
        tidy(settings, now=datetime.now(UTC) + LATER)
        sizes.append(len([path for path in (settings.var / "landing").rglob("*") if path.is_file()]))
    assert sizes[2:] == [sizes[2]] * 5
    assert len(list((settings.warehouse / "releases").iterdir())) == 2


def test_only_what_is_left_over_goes(settings: Settings) -> None:
    deliver(settings, "deaths/2024/511702.csv", f"{COUNTS}\n511702,合计,合计,三\n")
    land(settings, settings.var)
    var = settings.var
    left_over = [
        "warehouse/build/dead/work.duckdb",
        "landing/landed/deaths/2024/.half.parquet.7-7.part",
        "landing/landed/deaths/2024/0123456789abcdef01234567.parquet",
        "landing/landed/gone_source/2024/0123456789abcdef01234567.json",
        "quarantine/deaths/2024/0123456789abcdef01234567.fault.parquet",
        "quarantine/gone_source/2024/a.csv.answer.xlsx",
        "landing/parsed/deaths/0000-111111111111-22222222-csv.parquet",
        "dbt/0123456789abcdef/manifest.json",
        "warehouse/history/0123456789abcdef-1.5.5.duckdb",
    ]
    stays = [
        "publication/2024/1/release.json",
        "publication/2024/.half.7-7.part",
        "warehouse/build/current",
        "reports/2025-06-01.html",
        "logs/dbt.log",
        "backup/landing/landed/deaths/2024/x.parquet",
        "quarantine/deaths/2024/511702.csv.answer.xlsx",
    ]
    for path in (*left_over, *stays):
        (var / path).parent.mkdir(parents=True, exist_ok=True)
        (var / path).write_bytes(b"x" * 5000)
    before = {path for path in settings.raw.rglob("*") if path.is_file()}
    now = datetime.now(UTC)
    young = tidy(settings, now=now)
    assert {path for path in left_over if not (var / path).exists()} == {"warehouse/build/dead/work.duckdb"}
    assert list(young.removed) == ["中断的计算 · dead builds"]
    listed = tidy(settings, dry_run=True, now=now + timedelta(days=2))
    assert len(listed.removed) == 6 and all((var / path).exists() for path in left_over[1:])
    done = tidy(settings, now=now + timedelta(days=2))
    assert done.removed == listed.removed
    assert [path for path in left_over if (var / path).exists()] == []
    assert [path for path in stays if not (var / path).exists()] == []
    assert {path for path in settings.raw.rglob("*") if path.is_file()} == before
    old = tidy(settings, now=now + timedelta(days=401))
    assert not (var / "reports/2025-06-01.html").exists() and not (var / "logs/dbt.log").exists(), old
    assert (var / "publication/2024/.half.7-7.part").exists()


def test_a_link_out_of_var_is_followed_by_nobody(settings: Settings, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "deaths" / "2024"
    outside.mkdir(parents=True)
    (outside / "0123456789abcdef01234567.parquet").write_bytes(b"x")
    (settings.var / "landing").mkdir(parents=True)
    (settings.var / "landing" / "landed").symlink_to(tmp_path / "outside")
    (settings.var / "warehouse" / "build").mkdir(parents=True)
    (settings.var / "warehouse" / "build" / "dead").symlink_to(settings.raw)
    tidy(settings, now=datetime.now(UTC) + LATER)
    assert (outside / "0123456789abcdef01234567.parquet").exists()
    assert (settings.raw / "regions/2023-12-31/000000.csv").exists()


def test_nothing_landed_goes_while_the_evidence_of_a_release_cannot_be_read(settings: Settings) -> None:
    deliver(settings, "deaths/2024/511702.csv", f"{COUNTS}\n511702,合计,合计,1\n")
    release(settings, 1, land(settings, settings.var))
    deliver(settings, "deaths/2024/511702.csv", f"{COUNTS}\n511702,合计,合计,2\n")
    land(settings, settings.var)
    [evidence] = settings.warehouse.glob("releases/*/evidence.duckdb")
    evidence.write_bytes(b"no database")
    before = sorted((settings.var / "landing" / "landed").rglob("*"))
    [trouble] = tidy(settings, now=datetime.now(UTC) + LATER).troubles
    assert "20260101T000000Z-00000001" in trouble and "依据" in trouble
    assert sorted((settings.var / "landing" / "landed").rglob("*")) == before


def test_old_runs_go_but_never_those_of_kept_releases(settings: Settings) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    folder = settings.dagster_home / "history" / "runs"
    folder.mkdir(parents=True)
    (settings.warehouse / "releases" / "20260101T000000Z-aaaaaaaa").mkdir(parents=True)
    for name, days in (("aaaaaaaa-1.db", 59), ("bbbbbbbb-1.db", 31), ("cccccccc-1.db", 29), ("index.db", 90)):
        (folder / name).touch()
        written = (now - timedelta(days=days)).timestamp()
        os.utime(folder / name, (written, written))
    assert [path.name for path in old_runs(settings, now)] == ["bbbbbbbb-1.db"]
    for number in range(70):
        (folder / f"dddddd{number:02}-1.db").touch()
        os.utime(folder / f"dddddd{number:02}-1.db", (now.timestamp() - 9000 + number,) * 2)
    found = [path.name for path in old_runs(settings, now)]
    assert found[:3] == ["bbbbbbbb-1.db", "cccccccc-1.db", "dddddd00-1.db"]
    assert found[-1] == "dddddd09-1.db"


def test_room_of_deleted_rows_goes_back_to_the_disk(tmp_path: Path) -> None:
    database = tmp_path / "index.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table event (body text)")
        connection.executemany("insert into event values (?)", [("x" * 100_000,)] * 120)
        connection.commit()
        assert not compact(database)
        connection.execute("delete from event where rowid > 10")
        connection.commit()
    assert compact(database)
    assert database.stat().st_size < 2_000_000


def test_usage_tells_every_folder_and_the_rest(settings: Settings) -> None:
    for path, size in (
        ("landing/parsed/a", 4096),
        ("warehouse/releases/r/marts.duckdb", 8192),
        ("warehouse/ops", 4096),
    ):
        (settings.var / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.var / path).write_bytes(b"x" * size)
    used = disk.usage(settings)
    by_path = {folder.path: folder.bytes for folder in used.folders}
    assert by_path["landing/parsed"] >= 4096 and by_path["warehouse/releases"] >= 8192 and by_path["dagster"] == 0
    assert sum(by_path.values()) == used.bytes and by_path[""] >= 4096
    assert sum(folder.share for folder in used.folders) == pytest.approx(1)
    assert used.free <= shutil.disk_usage(settings.var).total and 0 <= used.free_share <= 1
