"""A small installation of files made by hand, and what lies in a folder, for the tests of backup and restore."""

import hashlib
import os
import sqlite3
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.operations.backup.folder import Manifest, find, read
from pipelines.operations.backup.restoring import restore
from pipelines.operations.backup.taking import Taken, take
from pipelines.settings import PROJECT, Settings

EVENING, NEXT_EVENING, THIRD_EVENING = (datetime(2026, 5, day, 20, 0, 0, tzinfo=UTC) for day in (1, 2, 3))
DELIVERY = "raw/elderly_facilities/2021-12/500113.csv"
PARQUET = "var/warehouse/releases/20260501T180000Z-aaaa/parquet/marts/indicator_value.parquet"
ODD_NAMES = [b"new\nline.csv", b"back\\slash.csv", b"return\r.csv", b"not-utf8-\xff.csv", "中文 名.csv".encode(), b" x"]


@dataclass(frozen=True)
class Small:
    """Deliveries, one release in service, an edition, run records; `backups` is where its backups go."""

    top: Path

    @property
    def settings(self) -> Settings:
        return Settings(self.top / "raw", self.top / "var", PROJECT / "dbt_project", PROJECT / "expectations")

    @property
    def backups(self) -> Path:
        return self.top.parent / "backups"

    def put(self, path: str, content: str, mode: int = 0o640, mtime_ns: int = 1_600_000_000_123_456_789) -> Path:
        target = self.top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
        target.chmod(mode)
        os.utime(target, ns=(mtime_ns, mtime_ns))
        return target

    def back_up(self, now: datetime = EVENING, afresh: bool = False) -> Taken:
        return take(self.settings, self.backups, now, afresh)

    def restored_to(self, top: Path, only: str | None = None) -> "Small":
        """The latest backup, restored below another folder."""
        restored = Small(top)
        restore(restored.settings, find(self.backups), self.manifest, only, lambda count: None)
        return restored

    @property
    def manifest(self) -> Manifest:
        """Of the latest backup."""
        return read(find(self.backups))


def made(top: Path) -> Small:
    small = Small(top)
    small.put(DELIVERY, "机构编号,床位数\n1,20\n", mode=0o644)
    small.put("raw/elderly_facilities/origin.yml", "synthetic: all\n")
    for name in ODD_NAMES:
        (small.top / "raw" / os.fsdecode(name)).write_bytes(name)
    for link, leads in (("within.csv", "elderly_facilities/2021-12/500113.csv"), ("out", "/etc"), ("dead", "nowhere")):
        os.symlink(leads, small.top / "raw" / link)
    (small.top / "raw" / "empty").mkdir(mode=0o700)
    small.put(PARQUET, "numbers", mode=0o440)
    small.put("var/warehouse/releases/20260501T180000Z-aaaa/marts.duckdb", "marts")
    state = (
        '{"release_id": "20260501T180000Z-aaaa", "released_at": "2026-05-01", "fingerprint": "f", "code_version": "c"}'
    )
    small.put("var/warehouse/releases/20260501T180000Z-aaaa/release.json", state)
    os.symlink("releases/20260501T180000Z-aaaa", small.top / "var/warehouse/current")
    for name in ("marts.duckdb", "release.json"):
        os.symlink(f"current/{name}", small.top / "var/warehouse" / name)
    small.put("var/publication/2021/1/index.html", "<p>公报</p>", mode=0o444)
    small.put("var/quarantine/elderly_facilities/answers.json", "{}")
    for path in (
        "landing/parsed/a.parquet",
        "dbt/manifest",
        "logs/dbt.log",
        "warehouse/build/b/x",
        "warehouse/history/1.5.5.duckdb",
        "run.lock",
        "server/p",
    ):
        small.put(f"var/{path}", "made again")
    small.put("var/landing/.half.json.12-34.part", "half")
    (small.top / "var/dagster").mkdir()
    with sqlite3.connect(small.top / "var/dagster/runs.db") as database:
        database.executescript("create table run (id text); insert into run values ('first');")
    database.close()
    return small


def tree(folder: Path) -> dict[str, tuple[object, ...]]:
    """What lies below a folder, by path: kind, mode, time, and sha256 or where a link leads."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            found[str(path.relative_to(folder))] = ("link", os.readlink(path))
            continue
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        found[str(path.relative_to(folder))] = (oct(status.st_mode), status.st_mtime_ns, content)
    return found
