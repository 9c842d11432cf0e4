"""One file into a backup: copied and hashed in one go, or linked to the backup before where it has not changed.

The installation's own files are never linked: what is changed in place there would change in the backup as well.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.landing.store import sha256_of
from pipelines.operations.backup.folder import BLOCK, Entry, opened
from pipelines.operations.backup.tree import Found

#: how often a file that changes while it is copied is begun again, and after how many seconds
ATTEMPTS, PAUSE_SECONDS = 3, 0.5
STILL_CHANGING = "仍在变动，下次备份再取 · still changing, the next backup takes it"


class NotCopied(Exception):
    """The source cannot be read, or does not hold still; the text says which (zh · en)."""


class Copying:
    """Copies into `folder`; `former` is what the backup before holds, which lies in `former_folder`.

    `entries`: all that is in the backup so far; `copied`: the bytes of those files that were copied, not linked.
    `told` hears of bytes as they are copied.
    """

    def __init__(
        self, folder: Path, former_folder: Path | None, former: list[Entry], told: Callable[[int], None]
    ) -> None:
        self.folder = folder
        self.entries: dict[str, Entry] = {}
        self.copied: dict[str, int] = {}
        self._former_folder = former_folder or folder
        self._former = {entry.path: entry for entry in former}
        self._told = told

    def is_known(self, found: Found) -> bool:
        """Whether nothing needs to be read: it is as in this backup already, or as in the one before."""
        return any(_same(found, known.get(found.path)) for known in (self.entries, self._former))

    def copy(self, found: Found) -> None:
        """Take a file, folder or link; what was taken of it before and has not changed since stays.

        Raises NotCopied, FileNotFoundError where it is gone, OSError where the backup cannot be written.
        """
        target = self.folder / found.path
        present = self.entries.get(found.path)
        if present and present.kind != found.kind:
            self.drop(found.path)
        if found.kind == "folder":
            target.mkdir(exist_ok=True)
            target.chmod(found.status.st_mode & 0o750 | 0o700)
            self.entries[found.path] = _entry(found)
            return
        if _same(found, present):
            return
        self.drop(found.path)
        if found.kind == "link":
            leads = os.readlink(found.source)
            _lead(target, leads)
            self.entries[found.path] = _entry(found, target=leads)
        elif not self._linked(found, target):
            self._read(found, target)

    def keep_former(self, path: str) -> str | None:
        """Take over what the backup before holds of a file that cannot be copied now: that backup's name, None where
        it holds none."""
        former = self._former.get(path)
        if former is None or former.kind != "file":
            return None
        self.drop(path)
        target = self.folder / path
        if not self._hard_link(former, target):
            with open(opened(self._former_folder / path), "rb") as content:
                _write(_blocks(content), target, self._told)
        self.entries[path] = former
        return self._former_folder.name

    def drop(self, path: str) -> None:
        """Take back what was copied: it is gone from the installation since, or another one."""
        entry = self.entries.pop(path, None)
        if entry and entry.kind == "folder":
            (self.folder / path).rmdir()
        elif entry:
            (self.folder / path).unlink(missing_ok=True)
        self.copied.pop(path, None)

    def _linked(self, found: Found, target: Path) -> bool:
        former = self._former.get(found.path)
        if former is None or not _same(found, former) or not self._hard_link(former, target):
            return False
        self.entries[found.path] = _entry(found, size=former.size, sha256=former.sha256)
        return True

    def _hard_link(self, former: Entry, target: Path) -> bool:
        """Whether `target` is now the former copy; not where that has another length, or where there are no links."""
        source = self._former_folder / former.path
        try:
            kept = os.lstat(source)
            if not stat.S_ISREG(kept.st_mode) or kept.st_size != former.size:
                return False
            os.link(source, target, follow_symlinks=False)
        except OSError:
            return False
        return True

    def _read(self, found: Found, target: Path) -> None:
        status, sha256 = _held_still(found, target, self._told)
        os.chmod(target, status.st_mode & 0o640 | 0o400)
        os.utime(target, ns=(status.st_mtime_ns, status.st_mtime_ns))
        size = target.stat().st_size
        found = Found(found.path, found.source, status, found.has_journal)
        self.entries[found.path] = _entry(found, size=size, sha256=sha256)
        former = self._former.get(found.path)
        if former and former.sha256 == sha256:  # touched, or put there anew, with nothing new in it
            spare = self.folder / ".spare"
            if self._hard_link(former, spare):
                os.replace(spare, target)
                return
        self.copied[found.path] = size


def _same(found: Found, entry: Entry | None) -> bool:
    return entry is not None and entry.kind == found.kind and entry.seen == found.seen and not found.has_journal


def _entry(found: Found, size: int = 0, sha256: str = "", target: str = "") -> Entry:
    return Entry(
        path=found.path,
        kind=found.kind,
        mode=stat.S_IMODE(found.status.st_mode),
        mtime_ns=found.status.st_mtime_ns,
        owner=found.owner,
        group=found.group,
        size=size,
        sha256=sha256,
        target=target,
        seen=found.seen,
    )


def _lead(link: Path, leads: str) -> None:
    try:
        os.symlink(leads, link)
    except OSError as refused:
        if refused.errno not in (errno.EPERM, errno.ENOTSUP):
            raise
        # a file system without links: the manifest knows where it leads


def _held_still(found: Found, target: Path, told: Callable[[int], None]) -> tuple[os.stat_result, str]:
    """Copy until the file was the same before and after: what it is, and its sha256. Raises NotCopied."""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        status = os.lstat(found.source)
        if found.is_sqlite and (sha256 := _copy_sqlite(found.source, target)):
            told(status.st_size)
            return status, sha256
        try:
            source = opened(found.source)
        except FileNotFoundError:
            raise
        except OSError as closed:
            raise NotCopied(f"读不了 · cannot be read: {closed.strerror}") from closed
        with open(source, "rb") as content:
            try:
                sha256 = _write(_blocks(content), target, told)
            except NotCopied:
                target.unlink()
                raise
            after = os.fstat(content.fileno())
        if (status.st_size, status.st_mtime_ns, status.st_ino) == (after.st_size, after.st_mtime_ns, after.st_ino):
            return status, sha256
    target.unlink()
    raise NotCopied(STILL_CHANGING)


def _blocks(content: Any) -> Iterator[bytes]:
    """What is in an open file. Raises NotCopied where the disk does not give it."""
    while True:
        try:
            block = content.read(BLOCK)
        except OSError as broken:
            raise NotCopied(f"读不了 · cannot be read: {broken.strerror}") from broken
        if not block:
            return
        yield block


def _write(blocks: Iterator[bytes], target: Path, told: Callable[[int], None]) -> str:
    """sha256 of what was written."""
    digest = hashlib.sha256()
    with open(target, "wb") as out:
        for block in blocks:
            digest.update(block)
            out.write(block)
            told(len(block))
    return digest.hexdigest()


def _copy_sqlite(source: Path, target: Path) -> str:
    """The database as of one moment, whoever writes to it meanwhile: sha256 of the copy, '' where SQLite cannot read it
    (its bytes are kept then, as they are). Raises OSError when the disk is full."""
    # opened as one that may write, or SQLite would leave its journal lying there
    target.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(os.fsencode(source))}?mode=rw", uri=True, timeout=30)) as database,
            closing(sqlite3.connect(target)) as copy,
        ):
            copy.execute("pragma synchronous = off")  # the whole backup is put on disk at its end
            database.backup(copy)
    except sqlite3.Error as broken:
        for left in target.parent.glob(f"{target.name}*"):
            left.unlink()
        if getattr(broken, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from broken
        return ""
    return sha256_of(target)
