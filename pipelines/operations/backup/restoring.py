"""The way back: a backup into empty folders, every checksum compared before anything gets its name.

All is copied beside its place first. A backup that is damaged puts nothing in place; what is there already is never
overwritten. The person key is in no backup: whether the one on this machine is the right one is told.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.landing.hash_key import KeyUnreadable, key_file, key_id, load_key
from pipelines.landing.store import settle
from pipelines.operations.backup.folder import BLOCK, Damaged, Entry, Manifest, opened, shown
from pipelines.operations.backup.tree import PARTS, STAGE
from pipelines.settings import Settings
from pipelines.warehouse.lock import hold, run_lock

#: what may lie in a folder that counts as empty
OURS = {STAGE, "run.lock"}


class NotEmpty(Exception):
    """Something lies where the backup would go (zh · en); nothing was touched."""


@dataclass(frozen=True)
class Place:
    """A folder of the installation, and what of a backup goes there."""

    name: str
    folder: Path
    entries: list[Entry]


def restore(
    settings: Settings, backup: Path, manifest: Manifest, only: str | None, told: Callable[[int], None]
) -> None:
    """Put a backup, or one of PARTS of it, into the folders of `settings`; `told` hears of bytes copied.

    Raises Damaged, naming every file that is not what it was; NotEmpty; OSError; AnotherRun. Nothing is in place then.
    """
    places = _places(settings, manifest, only)
    lock = run_lock(settings.var)
    hold(lock)
    try:
        for place in places:
            _require_empty(place.folder)
        _require_space(places)
        try:
            damaged = [line for place in places for line in _stage(backup, place, told)]
            if damaged:
                raise Damaged(backup, damaged)
            os.sync()
            for place in places:
                _put_in_place(place)
        finally:
            for place in places:
                shutil.rmtree(place.folder / STAGE, ignore_errors=True)
    finally:
        lock.release()


def _places(settings: Settings, manifest: Manifest, only: str | None) -> list[Place]:
    roots = {"raw": settings.raw, "var": settings.var, "expectations": settings.expectations}
    names = [PARTS[only]] if only else list(roots)
    places = []
    for name in names:
        root, _, below = name.partition("/")
        if entries := manifest.below(name):
            places.append(Place(name, roots[root] / below, entries))
    return places


def _require_empty(folder: Path) -> None:
    try:
        present = sorted({entry.name for entry in os.scandir(folder)} - OURS)
    except FileNotFoundError:
        return
    if present:
        raise NotEmpty(
            f"{folder} 不是空文件夹（有 {shown(present[0])} 等），恢复不覆盖任何内容；请改用空文件夹，或先把它移开"
            " · not empty, and nothing is ever overwritten: name another folder or move this one away"
        )


def _require_space(places: list[Place]) -> None:
    """Raises OSError where a disk has too little left for what goes there."""
    needed: dict[int, int] = {}
    for place in places:
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        device = place.folder.stat().st_dev
        needed[device] = needed.get(device, 0) + sum(entry.size for entry in place.entries)
        if needed[device] > (free := shutil.disk_usage(place.folder).free):
            raise OSError(
                f"空间不够：恢复到 {place.folder} 需 {needed[device] / 1e6:,.0f} MB，可用 {free / 1e6:,.0f} MB"
                " · not enough space there"
            )


def _stage(backup: Path, place: Place, told: Callable[[int], None]) -> list[str]:
    """Copy beside the place; a line for each file that is not as it was. Links come last: nothing is written through
    one."""
    stage = place.folder / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o750)
    damaged = []
    for entry in sorted(place.entries, key=lambda entry: (entry.kind == "link", entry.path)):
        target = stage / entry.path.removeprefix(place.name).lstrip("/")
        if entry.kind == "folder":
            target.mkdir(mode=0o750, exist_ok=True)
        elif entry.kind == "link":
            os.symlink(entry.target, target)
            os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns), follow_symlinks=False)
        elif why := _copied(backup / entry.path, target, entry, told):
            damaged.append(f"{shown(entry.path)}：{why}")
    return damaged


def _copied(source: Path, target: Path, entry: Entry, told: Callable[[int], None]) -> str:
    """Why the file is not what it was when it was backed up; '' where it is."""
    digest = hashlib.sha256()
    try:
        descriptor = opened(source)
    except OSError as closed:
        return str(closed.strerror)
    with open(descriptor, "rb") as content, open(target, "wb") as out:
        while True:
            try:
                block = content.read(BLOCK)
            except OSError as broken:
                return str(broken.strerror)
            if not block:
                break
            digest.update(block)
            out.write(block)
            told(len(block))
    if digest.hexdigest() != entry.sha256:
        return "内容与清单不符 · not what SHA256SUMS says"
    _dress(target, entry)
    return ""


def _put_in_place(place: Place) -> None:
    """Modes and times of folders come last: a folder that may not be written cannot be moved either."""
    stage = place.folder / STAGE
    for name in sorted(os.listdir(stage)):
        os.rename(stage / name, place.folder / name)
    stage.rmdir()
    for entry in reversed(place.entries):
        if entry.kind == "folder":
            folder = place.folder / entry.path.removeprefix(place.name).lstrip("/")
            settle(folder)
            with suppress(PermissionError):  # the place itself may belong to somebody else
                _dress(folder, entry)


def _dress(path: Path, entry: Entry) -> None:
    """Owner and group where this user may give them away (root may) and the machine knows them, then mode and time."""
    with suppress(PermissionError):
        os.chown(path, _number(pwd.getpwnam, entry.owner), _number(grp.getgrnam, entry.group))
    os.chmod(path, entry.mode)
    os.utime(path, ns=(entry.mtime_ns, entry.mtime_ns))


@cache
def _number(named: Callable[[str], Any], name: str) -> int:
    """Of a user or group; -1, which leaves it as it is, for one that this machine does not know."""
    try:
        return named(name)[2]
    except KeyError:
        return -1


def wrong_key(settings: Settings, needed: str | None) -> str | None:
    """What to tell when the person key of this machine is not the one of the backup. Makes no key."""
    if needed is None:
        return None
    if "CARESTAT_KEY" not in os.environ and not key_file().exists():
        present = "无 · none"
    else:
        try:
            present = key_id(load_key(settings.raw, settings.var))
        except KeyUnreadable as refused:
            present = str(refused)
    if present == needed:
        return None
    return (
        f"!! 人员散列密钥不符：需要编号 {needed} 的密钥，本机：{present}。放好密钥（CARESTAT_KEY_FILE）之前不要运行"
        " nightly，否则全部交付按另一密钥重新接收，与已有散列对不上\n"
        f"!! The person key does not match: key {needed} is needed. Put it in place before the next `carestat nightly`:"
        " with another one every delivery is landed anew, and no hash joins those made before"
    )
