"""Where landing keeps its results under var/, and the one way to write there: temp file, then rename."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import polars as pl

#: of zstd: a quarter less time than its default for a twelfth more bytes
FAST = 1


def _half(path: Path) -> Path:
    """A name of this thread's own: two files of equal content are parsed to the same place at once."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")


def close_to_others(folder: Path) -> None:
    """Make `folder`, and let nobody but owner and group into it: it holds rows about persons."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    if folder.stat().st_mode & 0o007:
        folder.chmod(0o750)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; a killed writer leaves a temp file that nobody reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = _half(path)
    half.write_bytes(content)
    os.replace(half, path)


def write_json(path: Path, content: Any) -> None:
    """JSON, keys in the order given."""
    write_bytes(path, json.dumps(content, ensure_ascii=False).encode())


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


def write_frame(path: Path, frame: pl.DataFrame, facts: dict[str, str] | None = None) -> None:
    """Parquet with `facts` as file metadata, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = _half(path)
    frame.write_parquet(half, metadata=facts, compression_level=FAST)
    os.replace(half, path)
