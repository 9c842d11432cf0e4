"""What of an installation belongs to a backup: its deliveries, and what cannot be made of them again in the same way.

Links are kept as links, never followed. What is no file, folder or link (a pipe, a device) has no content to keep.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.landing.hash_key import key_file
from pipelines.landing.store import HALF
from pipelines.settings import PROJECT, Settings

#: below var/, what the next run or the server makes again by itself, and what holds passwords
LEFT_OUT = frozenset({"dbt", "logs", "server", "landing/parsed", "warehouse/build", "warehouse/history"})
#: below var/, what is changed in place: copied only while no run is under way
IN_PLACE = ("var/dagster/", "var/alerts/")
#: beside an SQLite file: read through SQLite, never copied
JOURNALS = ("-wal", "-shm", "-journal")
SQLITE = b"SQLite format 3\0"
#: what --only restores, by the folder it lies in
PARTS = {"deliveries": "raw", "generated": "var", "releases": "var/warehouse", "editions": "var/publication"}
#: where a restore gathers what it puts in place
STAGE = ".restore.part"
NO_FILE = "管道或设备，没有内容可存 · a pipe or device"
KEY = "这是密钥，备份从不收入 · the key itself, which no backup takes"


@dataclass(frozen=True)
class Found:
    """Something that lies in the installation. `path` is its place in the backup; `status` as lstat found it;
    `has_journal`: an SQLite file with changes that are not in it yet."""

    path: str
    source: Path
    status: os.stat_result
    has_journal: bool = False

    @property
    def kind(self) -> str:
        """file, folder, link, or '' for what has no content."""
        kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
        return kinds.get(stat.S_IFMT(self.status.st_mode), "")

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """By these a file is known to be the same as before: inode, size, time, and time of its last change."""
        found = self.status
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    @property
    def owner(self) -> str:
        """Name of the user it belongs to; the number of one without a name."""
        return _user(self.status.st_uid)

    @property
    def group(self) -> str:
        return _group(self.status.st_gid)

    @property
    def in_place(self) -> bool:
        return self.path.startswith(IN_PLACE)

    @property
    def is_sqlite(self) -> bool:
        """Whether to read it through SQLite: a copy of the bytes may be torn."""
        if not (self.path.startswith("var/") and self.path.endswith((".db", ".sqlite", ".sqlite3"))):
            return False
        try:
            with open(self.source, "rb") as content:
                return content.read(len(SQLITE)) == SQLITE
        except OSError:
            return False


class Survey:
    """Everything in the installation that belongs to a backup, by path; `left_out` says what does not, and why."""

    def __init__(self, settings: Settings) -> None:
        self.left_out: dict[str, str] = {}
        self._key = os.path.realpath(key_file())
        self.found = sorted(self._everything(settings), key=lambda found: found.path)

    def _everything(self, settings: Settings) -> Iterator[Found]:
        for name, folder in roots(settings).items():
            if folder.is_dir():
                yield Found(name, folder, os.stat(folder))
                yield from self._below(name, folder)

    def _below(self, path: str, folder: Path) -> Iterator[Found]:
        try:
            with os.scandir(folder) as entries:
                named = {entry.name for entry in entries}
        except FileNotFoundError:
            return
        except OSError as closed:
            self.left_out[path] = closed.strerror
            return
        for name in named:
            found = self._one(f"{path}/{name}", folder / name, named)
            if found is not None:
                yield found
                if found.kind == "folder":
                    yield from self._below(found.path, found.source)

    def _one(self, path: str, source: Path, beside: set[str]) -> Found | None:
        if _is_made_again(path) or _is_journal(source.name, beside):
            return None
        try:
            found = Found(path, source, os.lstat(source), f"{source.name}-wal" in beside)
        except FileNotFoundError:
            return None
        except OSError as closed:
            self.left_out[path] = closed.strerror
            return None
        if not found.kind:
            self.left_out[path] = NO_FILE
        elif os.path.realpath(source) == self._key:
            self.left_out[path] = KEY
        else:
            return found
        return None


def roots(settings: Settings) -> dict[str, Path]:
    """The folders of an installation by their name in a backup. Suites and corrections belong to the project's own
    history, unless they lie elsewhere."""
    folders = {"raw": settings.raw, "var": settings.var}
    if not settings.expectations.is_relative_to(PROJECT):
        folders["expectations"] = settings.expectations
    return folders


@cache
def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@cache
def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _is_made_again(path: str) -> bool:
    top, _, below = path.partition("/")
    name = path.rpartition("/")[2]
    half_made = name.endswith(".lock") or (name.startswith(".") and name.endswith(HALF))
    return name == STAGE or (top == "var" and (below in LEFT_OUT or half_made))


def _is_journal(name: str, beside: set[str]) -> bool:
    return any(name.endswith(journal) and name.removesuffix(journal) in beside for journal in JOURNALS)
