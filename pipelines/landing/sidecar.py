"""The sidecar of a settled source × period: which files it names, whether they still are what was written, and which
sidecars are in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .store import all_sha256_of, read_sealed, write_sealed

#: kind of file that a sidecar names → where such files lie below var/, in folders of source and period
FOLDERS = {
    "parquet": "landing/landed",
    "finding_parquet": "landing/landed",
    "quarantine_parquet": "quarantine",
    "fault_parquet": "quarantine",
}


def sidecar_path(var: Path, source: str, period: str, key: str) -> Path:
    return var / "landing" / "landed" / source / period / f"{key}.json"


def files_of(sidecar: dict[str, Any], var: Path, source: str) -> Iterator[tuple[str, Path]]:
    """Kind and path of every file that a sidecar names."""
    for kind, folder in FOLDERS.items():
        for name in sidecar.get(kind, []):
            yield kind, var / folder / source / sidecar["period"] / name


def whole_sidecar(path: Path, var: Path, source: str) -> dict[str, Any] | None:
    """The sidecar at `path`, if it and every file it names are as they were written; else None, and it is settled anew.

    Every file is read: a flipped bit in a page of Parquet mostly reads as another value, not as an error.
    """
    sidecar = read_sealed(path)
    if sidecar is None:
        return None
    written = [sha256 for kind in FOLDERS for sha256 in sidecar["sha256"][kind]]
    return sidecar if written == all_sha256_of(file for _, file in files_of(sidecar, var, source)) else None


class InForce:
    """Which sidecar of each period of a source stands, by key: what was settled or found settled last."""

    def __init__(self, var: Path, source: str) -> None:
        self._var, self._source = var, source
        self._path = var / "landing" / "in_force" / f"{source}.json"
        self.former: dict[str, str] = read_sealed(self._path) or {}
        self._now: dict[str, str] = {}

    def stands(self, period: str, key: str) -> None:
        """From now on this one does."""
        self._now[period] = key

    def stands_on(self, period: str) -> dict[str, Any] | None:
        """The one in force so far stays so; None if there is none that is whole."""
        if key := self.former.get(period):
            self._now[period] = key
            return whole_sidecar(sidecar_path(self._var, self._source, period, key), self._var, self._source)
        return None

    def keep(self) -> None:
        """Remember what was said; periods of which nothing was said have nothing in force."""
        if self._now != self.former:
            write_sealed(self._path, self._now)
