"""Where landing keeps its results under var/, and the one way to write there: temp file, then rename.

What is written is known by its SHA-256, so that a file that was damaged since is seen and made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

#: of zstd: a quarter less time than its default for a twelfth more bytes
FAST = 1


#: how temp files end
HALF = ".part"


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


def sha256_of(path: Path) -> str:
    """Of a file's content; "" where there is none that can be read."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


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
