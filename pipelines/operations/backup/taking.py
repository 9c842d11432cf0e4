"""Taking a backup while the installation works.

What is large is copied first, while runs go on; then, with the run lock held as a night holds it, only what changed
meanwhile and what is changed in place. So a night waits for seconds, and what is kept fits together.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipelines.landing.discover import BEING_WRITTEN, UNREADABLE, DeliveredFile, discover
from pipelines.landing.store import read_sealed, settle
from pipelines.operations.backup.copying import STILL_CHANGING, Copying, NotCopied
from pipelines.operations.backup.folder import MANIFEST, SUMS, Damaged, Entry, Manifest, kept, read, shown, write
from pipelines.operations.backup.tree import NO_FILE, Found, Survey, roots
from pipelines.progress import PROGRESS
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.lock import hold, run_lock
from pipelines.warehouse.soundness import STATE, state_of
from pipelines.warehouse.state import released_state

#: left free beside the files, for folders and the manifest
SPARE_BYTES = 64 << 20
#: reasons to leave something out that nobody needs to act on
HARMLESS = (NO_FILE, STILL_CHANGING, BEING_WRITTEN)
DIFFERS = (
    "内容与接收时不同，而大小和时间未变，磁盘可能损坏，请核对原件"
    " · not what was landed, though size and time are the same: look at the disk"
)


GONE = "交付文件少了一半以上，raw/ 是否已挂载？· more than half of the deliveries are gone: is raw/ mounted?"


class Refused(Exception):
    """Nothing was done, and why (zh · en)."""


@dataclass(frozen=True)
class Taken:
    """A backup. `alarms`: a line for each thing that somebody has to look at."""

    folder: Path
    manifest: Manifest
    alarms: list[str]


@dataclass(frozen=True)
class _Contents:
    """What was copied: facts and reasons for the manifest, and the deliveries as landing sees them, by path."""

    facts: dict[str, Any]
    left_out: dict[str, str]
    delivered: dict[str, DeliveredFile]


def take(settings: Settings, folder: Path, now: datetime, afresh: bool = False) -> Taken:
    """Back up the installation into a new folder below `folder`, named by `now` (UTC); `afresh` shares nothing with the
    backup before.

    Raises Refused, AnotherRun when a run holds the warehouse for too long, OSError when the backup cannot be written;
    nothing is left behind then, and earlier backups are as they were.
    """
    for root in roots(settings).values():
        if folder.is_relative_to(root) or root.is_relative_to(folder):
            raise Refused(f"备份与 {root} 不能一个在另一个之内 · backups and {root} must lie apart: {folder}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    with alone(folder):
        while (place := folder / now.strftime("%Y%m%dT%H%M%SZ")).exists():
            now += timedelta(seconds=1)
        half = folder / f".{place.name}.part"
        half.mkdir(mode=0o750)
        try:
            former, known, alarms = _former(folder)
            copying = Copying(half, *((None, []) if afresh else (former, known)), Bytes())
            contents = _copied(settings, copying, now)
            entries = [copying.entries[path] for path in sorted(copying.entries)]
            manifest = Manifest(contents.facts | _counts(copying), entries, contents.left_out)
            write(half, manifest)
            _put_on_disk(half, copying)
            os.rename(half, place)
            settle(folder)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    was, present = _most_deliveries(folder), sum(map(_is_delivery, entries))
    if present < was / 2:
        alarms.append(f"raw：{GONE}（{was} → {present}）")
    return Taken(place, manifest, alarms + _alarms(place, manifest, contents))


def prune(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` (at least 1) whole backups; their names. Raises Refused."""
    with alone(folder):
        old = kept(folder)[:-keep]
        for backup in old:
            gone = backup.with_name(f".{backup.name}.gone")
            os.rename(backup, gone)  # from here on it is no backup, however far the removal gets
            shutil.rmtree(gone)
    return [backup.name for backup in old]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time in a folder of backups; what one that died left half made or half removed is cleared first."""
    lock = FileLock(folder / ".lock", timeout=0, mode=0o640)
    try:
        lock.acquire()
    except Timeout as busy:
        raise Refused(f"另一次备份正在进行 · another backup is under way in {folder}") from busy
    try:
        for left in [*folder.glob(".*Z.part"), *folder.glob(".*Z.gone")]:
            shutil.rmtree(left)
        yield
    finally:
        lock.release()


def _former(folder: Path) -> tuple[Path | None, list[Entry], list[str]]:
    """The backup before, what it holds, and what is wrong with it."""
    if not (backups := kept(folder)):
        return None, [], []
    try:
        return backups[-1], read(backups[-1]).entries, []
    except Damaged as damaged:
        return None, [], [f"{damaged}；本次全部重新复制 · nothing is shared with it"]


def _most_deliveries(folder: Path) -> int:
    """In any kept backup, not only the one before: as long as raw/ is not mounted none of them may be removed."""
    counts = [0]
    for backup in kept(folder):
        with suppress(Damaged):  # told of where it is the one before, and by --verify
            counts.append(sum(map(_is_delivery, read(backup).entries)))
    return max(counts)


def _copied(settings: Settings, copying: Copying, now: datetime) -> _Contents:
    known = copying.folder / ".stat.json"
    if (remembered := settings.var / "landing" / "stat.json").exists():
        shutil.copyfile(remembered, known)

    def delivered() -> dict[str, DeliveredFile]:
        found = discover(settings.raw, {}, known, now.date(), b"")
        return {f"raw/{file.path}": file for file in found}

    survey = Survey(settings)
    _require_space(survey.found, copying)
    PROGRESS.step("copying", sum(found.status.st_size for found in survey.found if not copying.is_known(found)))
    arriving = delivered()
    _copy([found for found in survey.found if not (found.in_place or _waits(found, arriving))], copying)

    lock = run_lock(settings.var)
    hold(lock)
    try:
        survey, now_delivered = Survey(settings), delivered()
        for path in sorted(set(copying.entries) - {found.path for found in survey.found}, reverse=True):
            copying.drop(path)
        not_copied = {found.path: BEING_WRITTEN for found in survey.found if _waits(found, now_delivered)}
        not_copied |= _copy([found for found in survey.found if found.path not in not_copied], copying)
        facts = _facts(settings, now)
    finally:
        lock.release()
    known.unlink(missing_ok=True)
    for path, why in not_copied.items():
        if former := copying.keep_former(path):
            not_copied[path] = f"{why}；沿用 {former} 的副本 · the copy of {former} is kept"
        else:
            copying.drop(path)
    return _Contents(facts, survey.left_out | not_copied, now_delivered)


def _waits(found: Found, delivered: dict[str, DeliveredFile]) -> bool:
    """Whether somebody is still writing the delivery."""
    file = delivered.get(found.path)
    return file is not None and file.waits == BEING_WRITTEN and found.kind == "file"


def _copy(found: list[Found], copying: Copying) -> dict[str, str]:
    """Copy what is found; why a file was not, by path. What is gone since is no part of the backup."""
    not_copied = {}
    for one in found:
        try:
            copying.copy(one)
        except FileNotFoundError:
            copying.drop(one.path)
        except NotCopied as refused:
            not_copied[one.path] = str(refused)
    return not_copied


def _require_space(found: list[Found], copying: Copying) -> None:
    needed = sum(one.status.st_size for one in found if one.kind == "file" and not copying.is_known(one)) + SPARE_BYTES
    free = shutil.disk_usage(copying.folder).free
    if needed > free:
        raise Refused(
            f"备份盘空间不够：需 {needed / 1e6:,.0f} MB，可用 {free / 1e6:,.0f} MB；请换盘，或删去较早的备份"
            f" · {copying.folder.parent}: {needed / 1e6:,.0f} MB needed, {free / 1e6:,.0f} MB free"
        )


def _facts(settings: Settings, now: datetime) -> dict[str, Any]:
    """What the backup is of. The project is named, not copied; of the person key only the id is told."""
    owned = f"safe.directory={PROJECT}"  # the service need not own the project
    describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        revision = subprocess.run(
            ["git", "-c", owned, "-C", str(PROJECT), *describe], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        revision = ""
    state = released_state(settings) or {}
    return {
        "made_at": now.isoformat(),
        "release_id": state.get("release_id"),
        "key_id": (read_sealed(settings.var / "landing" / "key.json") or {}).get("key_id"),
        "revision": revision or None,
        "code_version": settings.code_version(),
        "from": {name: str(root) for name, root in roots(settings).items()},
    }


def _is_delivery(entry: Entry) -> bool:
    return entry.kind == "file" and entry.path.startswith("raw/")


def _counts(copying: Copying) -> dict[str, Any]:
    sizes = [entry.size for entry in copying.entries.values() if entry.kind == "file"]
    copied = {"copied_files": len(copying.copied), "copied_bytes": sum(copying.copied.values())}
    return {"files": len(sizes), "bytes": sum(sizes)} | copied


def _alarms(backup: Path, manifest: Manifest, contents: _Contents) -> list[str]:
    """What could not be read, and what is not what it was said to be when it was landed or released."""
    told = [f"{shown(path)}：{why}" for path, why in manifest.left_out.items() if not why.startswith(HARMLESS)]
    for entry in manifest.files:
        file = contents.delivered.get(entry.path)
        same_time = file and file.received_at == datetime.fromtimestamp(entry.mtime_ns / 1e9, UTC)
        if same_time and not file.waits and file.sha256 not in (entry.sha256, UNREADABLE):
            told.append(f"{shown(entry.path)}：{DIFFERS}")
    contents_of = {entry.path: entry.sha256 for entry in manifest.files}
    for folder in sorted({path.rpartition("/")[0] for path in contents_of if path.endswith(f"/{STATE}")}):
        released = (state_of(backup / folder) or {}).get("sha256", {})
        changed = [name for name, sha256 in released.items() if contents_of.get(f"{folder}/{name}") != sha256]
        told += [f"{folder}/{name}：不是当时发布的内容 · not what was released" for name in changed]
    return told


def _put_on_disk(half: Path, copying: Copying) -> None:
    """Nothing gets its final name before it is on disk: all at once, then each file is asked whether it got there."""
    os.sync()
    for path in [*copying.copied, MANIFEST, SUMS]:
        settle(half / path)


class Bytes:
    """Tells the progress display of the bytes copied so far."""

    def __init__(self) -> None:
        self._done = 0

    def __call__(self, count: int) -> None:
        self._done += count
        PROGRESS.advance(self._done, detail=f"{self._done / 1e6:,.0f} MB")
