"""What a backup folder holds: the files as they lay, SHA256SUMS for `sha256sum -c`, and manifest.json.

<folder>/<time of the backup, UTC>/{raw,var[,expectations]}/… A folder under its final name is whole: it is made under
a hidden one and renamed when everything in it is on disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "carestat-backup/1"
STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
ROOTS = ("raw", "var", "expectations")
BLOCK = 1 << 20


class NoBackup(Exception):
    """There is no whole backup under that name."""


class Damaged(Exception):
    """Files of a backup are not what they were; `paths` names them, with what is wrong."""

    def __init__(self, folder: Path, paths: list[str]) -> None:
        super().__init__(f"备份已损坏，{len(paths)} 处 · {len(paths)} damaged in {folder}")
        self.paths = paths


@dataclass(frozen=True)
class Entry:
    """A file, folder or link. `path` from the backup folder; `mode`, `mtime_ns`, `owner` and `group` (names) as in the
    installation; `seen` is by what the source is known to be unchanged (`tree.Found.seen`)."""

    path: str
    kind: str
    mode: int
    mtime_ns: int
    owner: str = ""
    group: str = ""
    size: int = 0
    sha256: str = ""
    target: str = ""
    seen: tuple[int, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """`facts`: when and of what it was made; `left_out`: what was there and is not in the backup, with the reason."""

    facts: dict[str, Any]
    entries: list[Entry]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "file"]

    def below(self, place: str) -> list[Entry]:
        """The entry at a path, and everything beneath it."""
        return [entry for entry in self.entries if entry.path == place or entry.path.startswith(f"{place}/")]


def kept(folder: Path) -> list[Path]:
    """The whole backups in a folder, oldest first."""
    return sorted(path for path in folder.glob("*Z") if STAMP.fullmatch(path.name) and (path / MANIFEST).is_file())


def find(named: Path) -> Path:
    """A backup by its own folder, or the latest in a folder of backups. Raises NoBackup, naming what is kept."""
    if (named / MANIFEST).is_file() and not named.name.endswith(".part"):
        return named
    if found := kept(named):
        return found[-1]
    others = "、".join(path.name for path in kept(named.parent)) or "无 · none"
    raise NoBackup(f"没有备份 · no backup here: {named}；{named.parent} 中现有 · kept: {others}")


def write(folder: Path, manifest: Manifest) -> None:
    """manifest.json, one entry a line, and SHA256SUMS, which covers it."""
    head = json.dumps({"format": FORMAT} | manifest.facts, indent=1).removesuffix("\n}")
    entries = ",\n".join(json.dumps(_plain(entry)) for entry in manifest.entries)
    text = f'{head},\n "left_out": {json.dumps(manifest.left_out)},\n "entries": [\n{entries}\n]}}\n'
    (folder / MANIFEST).write_text(text, encoding="ascii")
    sums = [(entry.sha256, entry.path) for entry in manifest.files]
    sums.append((hashlib.sha256(text.encode()).hexdigest(), MANIFEST))
    (folder / SUMS).write_bytes(b"".join(_sum_line(*line) for line in sums))
    for name in (MANIFEST, SUMS):
        os.chmod(folder / name, 0o640)


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises Damaged where it is not the one that SHA256SUMS names, or names other places."""
    try:
        text, sums = (folder / MANIFEST).read_bytes(), (folder / SUMS).read_bytes()
        if _sum_line(hashlib.sha256(text).hexdigest(), MANIFEST) not in sums.splitlines(keepends=True):
            raise ValueError("不是 SHA256SUMS 所记的 · not the one that SHA256SUMS names")
        facts = json.loads(text)
        entries = [_entry(entry) for entry in facts.pop("entries")]
        known = facts["format"] == FORMAT and set(facts["from"]) <= set(ROOTS)
        if not (known and all(_lies_within(entry.path) for entry in entries)):
            raise ValueError("格式或路径不合 · of another form, or with paths that lead elsewhere")
        return Manifest(facts, entries, facts.pop("left_out"))
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise Damaged(folder, [f"{MANIFEST}：{broken}"]) from broken


def damage(folder: Path, manifest: Manifest, told: Callable[[int], None]) -> Iterator[str]:
    """Reads every file again; `told` hears of the bytes read. Gives a line for each that is not as it was."""
    for entry in manifest.files:
        try:
            with open(opened(folder / entry.path), "rb") as content:
                digest = hashlib.sha256()
                while block := content.read(BLOCK):
                    digest.update(block)
                    told(len(block))
        except OSError as gone:
            yield f"{shown(entry.path)}：{gone.strerror}"
            continue
        if digest.hexdigest() != entry.sha256:
            yield f"{shown(entry.path)}：内容已变 · content changed"


def opened(path: Path) -> int:
    """A plain file, for `open` to read; a link is not followed, a pipe not waited for. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "不是普通文件 · no plain file", str(path))
    return descriptor


def shown(path: str) -> str:
    """A path on one line of valid text."""
    return (
        path.encode("utf-8", "backslashreplace")
        .decode()
        .translate({number: f"\\x{number:02x}" for number in range(32)})
    )


def _plain(entry: Entry) -> dict[str, Any]:
    told = asdict(entry) | {"mode": f"{entry.mode:04o}"}
    return {name: value for name, value in told.items() if value not in ("", ())}


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(**told | {"mode": int(told["mode"], 8), "seen": tuple(told["seen"])})


def _sum_line(sha256: str, path: str) -> bytes:
    """As sha256sum writes it: a name with a line end or a backslash is escaped, which a leading backslash says."""
    name = os.fsencode(path)
    escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"\\" if escaped != name else b"") + sha256.encode() + b"  " + escaped + b"\n"


def _lies_within(path: str) -> bool:
    parts = path.split("/")
    return parts[0] in ROOTS and not {"", ".", ".."} & set(parts) and "\0" not in path
