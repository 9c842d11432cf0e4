"""Parsed files, kept by content, contract and key, so that a file is parsed once.

A file larger than one part is not kept: it is parsed as it is judged, part by part, whenever its period is settled
anew. Keeping it would cost as much as reading it again, and its size on disk once more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from .csv_text import GB18030, EncodingChanged
from .discover import DeliveredFile, assure_unchanged
from .memory import part_bytes, part_rows
from .parquet_file import rows_of
from .parse import FileFacts, Parsing, empty_rows
from .store import sha256_of, write_bytes, write_frame

#: rows of small files are handed on, others read back when they are wanted
HELD_BYTES = 500_000
#: what is compressed as a whole is unpacked as a whole, so it is kept
IN_PARTS = ("csv", "parquet")


class FileVoided(Exception):
    """A later part of a file showed that what came before does not count: its facts say why, or it is read anew."""


@dataclass
class ParsedFile:
    """A well-named file with what parsing made of it: its rows in parts, and what is known of the file. Where `large`,
    that is complete only once its parts were read."""

    file: DeliveredFile
    parts: Callable[[], Iterator[pl.DataFrame]]
    facts: FileFacts
    large: bool = False

    @property
    def reason(self) -> str | None:
        """The file-level reason, if any."""
        return self.facts.reason


def parsed_file(path: Path, file: DeliveredFile, delivered: Path, contract: Any, key: bytes) -> ParsedFile:
    """What lies at `path`, parsed from `delivered` and kept there if nothing does; or a file that is read in parts."""
    if _is_whole(path):
        facts = FileFacts(**json.loads(pl.read_parquet_metadata(path)["facts"]))
        return ParsedFile(file, lambda: iter([pl.read_parquet(path)]), facts)
    if file.kind in IN_PARTS and _is_large(delivered, file.kind):
        parsed = ParsedFile(file, lambda: iter(()), FileFacts(), large=True)
        parsed.parts = partial(_read_in_parts, parsed, delivered, contract, key)
        return parsed
    parsing = Parsing(delivered, file.kind, contract, key)
    try:
        frames = list(parsing.parts())
    except EncodingChanged:
        parsing = Parsing(delivered, file.kind, contract, key, GB18030)
        frames = list(parsing.parts())
    assure_unchanged(delivered, file)
    rows = pl.concat(frames, how="diagonal") if frames and not parsing.facts.reason else empty_rows(contract)
    write_bytes(_seal(path), write_frame(path, rows, {"facts": parsing.facts.to_json()}).encode())
    if rows.estimated_size() > HELD_BYTES:
        return ParsedFile(file, lambda: iter([pl.read_parquet(path)]), parsing.facts)
    return ParsedFile(file, lambda: iter([rows]), parsing.facts)


def all_parts(parsed: ParsedFile) -> list[pl.DataFrame]:
    """The rows of a file at once; none where a fault voids it."""
    while parsed.reason is None:
        try:
            return list(parsed.parts())
        except FileVoided:
            continue  # it has a reason now, or is read in another encoding
    return []


def _read_in_parts(
    parsed: ParsedFile, delivered: Path, contract: Any, key: bytes, encoding: str | None = None
) -> Iterator[pl.DataFrame]:
    parsing = Parsing(delivered, parsed.file.kind, contract, key, encoding)
    try:
        yield from parsing.parts()
    except EncodingChanged:
        parsed.parts = partial(_read_in_parts, parsed, delivered, contract, key, GB18030)
        raise FileVoided(parsed.file.shown) from None
    assure_unchanged(delivered, parsed.file)
    parsed.facts = parsing.facts
    if parsing.facts.reason:
        raise FileVoided(parsed.file.shown)


def _is_large(delivered: Path, kind: str) -> bool:
    """Whether a file is more than one part; a compressed one tells by its rows, too."""
    return _size(delivered) > part_bytes() or (kind == "parquet" and rows_of(delivered) > part_rows())


def _seal(path: Path) -> Path:
    """Where the SHA-256 of a kept file stands."""
    return path.with_suffix(".sha256")


def _is_whole(path: Path) -> bool:
    """Whether a file was kept, and is as it was written."""
    try:
        return _seal(path).read_bytes() == sha256_of(path).encode()
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
