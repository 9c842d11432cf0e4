"""Where landing keeps its results under var/, and the one way to write there: temp file, then rename.

What is written is known by its SHA-256, so that a file that was damaged since is seen and made again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

#: of zstd: a quarter less time than its default for a twelfth more bytes
FAST = 1


#: how temp files end
HALF = ".part"
#: threads that hash: hashlib leaves the interpreter lock
HASHERS = 2
#: of a file that are hashed at once
PIECE_BYTES = 1 << 24
#: a file changed again so soon after may keep its time: file systems count in steps
SETTLED_NS = 2 * 10**9

#: SHA-256 by device, inode, size and time; one for each `each_file_read_once` that is open, the same
_read: list[dict[tuple[int, ...], str]] = []


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """What is written to the file given is at `path` afterwards, or, where that failed, nowhere: a full disk must not
    be filled further.

    Its name is of this thread's own: two files of equal content are parsed to the same place at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{HALF}")
    try:
        yield half
        os.replace(half, path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def close_to_others(folder: Path) -> None:
    """Make `folder`, and let nobody but owner and group into it: it holds rows about persons."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    if folder.stat().st_mode & 0o007:
        folder.chmod(0o750)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else who asks for `folder` gets it meanwhile: they wait; a process that dies gives it back.

    Where the file system locks no folders everyone gets it at once, so nothing but double work may depend on it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; a killed writer leaves a temp file that nobody reads."""
    with _whole(path) as half:
        half.write_bytes(content)


def write_sealed(path: Path, content: Any) -> None:
    """JSON, keys in the order given, with its own SHA-256."""
    text = json.dumps(content, ensure_ascii=False)
    write_bytes(path, f'{{"sha256": "{_digest(text)}", "content": {text}}}'.encode())


def read_sealed(path: Path) -> Any | None:
    """What `write_sealed` wrote, or None where that is not there or no longer what it was."""
    known = read_json(path)
    if not isinstance(known, dict) or known.keys() != {"sha256", "content"}:
        return None
    return known["content"] if _digest(json.dumps(known["content"], ensure_ascii=False)) == known["sha256"] else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def each_file_read_once() -> Iterator[None]:
    """Within it, `sha256_of` reads a file, under any of its names, once for as long as its size and time stay.

    For one night and never longer: a bit that rots changes neither, and each night has to see it.
    """
    _read.append(_read[-1] if _read else {})
    try:
        yield
    finally:
        _read.pop()


def sha256_of(path: Path) -> str:
    """Of a file's content; "" where there is none that can be read."""
    known = _read[-1] if _read else None
    try:
        with path.open("rb", buffering=0) as content:
            before = _identity(content.fileno())
            if known is not None and before in known:
                return known[before]
            settled = before[-1] < time.time_ns() - SETTLED_NS
            sha256 = _sha256(content, before[2])
            if known is not None and settled and _identity(content.fileno()) == before:
                known[before] = sha256
            return sha256
    except OSError:
        return ""


def _sha256(content: FileIO, size: int) -> str:
    """In pieces so large that a thread seldom has to ask for the interpreter, which another may be slow to give."""
    digest, piece = hashlib.sha256(), bytearray(max(1, min(size, PIECE_BYTES)))
    view = memoryview(piece)
    while read := content.readinto(piece):
        digest.update(view[:read])
    return digest.hexdigest()


def all_sha256_of(paths: Iterable[Path]) -> list[str]:
    """`sha256_of` each, several at a time."""
    paths = list(paths)
    if len(paths) == 1:
        return [sha256_of(paths[0])]
    with ThreadPoolExecutor(HASHERS) as pool:
        return list(pool.map(sha256_of, paths))


def _identity(handle: int) -> tuple[int, ...]:
    about = os.fstat(handle)
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def settle(path: Path) -> None:
    """Have the system put a file or folder on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json(path: Path) -> Any | None:
    """The content, or None where there is no such file or it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def write_frame(path: Path, frame: pl.DataFrame, facts: dict[str, str] | None = None) -> str:
    """Parquet with `facts` as file metadata, in one step. Returns its SHA-256."""
    with _whole(path) as half:
        frame.write_parquet(half, metadata=facts, compression_level=FAST)
        return sha256_of(half)
