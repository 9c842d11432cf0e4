"""What settling a source × period gives, written as it comes: Parquet in numbered parts, and the sidecar of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .settle import Judged
from .sidecar import FOLDERS
from .store import write_frame


class Kept:
    """The files of one settling, named by `key`. Nothing refers to them before the sidecar is written."""

    def __init__(self, var: Path, source: str, period: str, key: str) -> None:
        self._source, self._period, self._key = source, period, key
        self._landed = var / "landing" / "landed" / source / period
        self._quarantine = var / "quarantine" / source / period
        self._parts: dict[int, dict[str, Any]] = {}
        self._attempt = 0

    def keep(self, number: int, judged: Judged) -> None:
        """Write a batch, in place of what was kept under the same number."""
        # another process may be settling the same: what either has written stays what it is
        again = ".again" if number in self._parts else ""
        name = self._key + (f".{number}" if number else "") + again + (f".anew{self._attempt}" if self._attempt else "")
        part: dict[str, Any] = {"rows": judged.landed.height, "correction": judged.correction.to_dicts(), "sha256": {}}
        for kind, folder, frame, file in (
            ("parquet", self._landed, judged.landed, f"{name}.parquet"),
            ("finding_parquet", self._landed, judged.finding, f"{name}.finding.parquet"),
            ("quarantine_parquet", self._quarantine, judged.quarantine, f"{name}.parquet"),
            ("fault_parquet", self._quarantine, judged.fault, f"{name}.fault.parquet"),
        ):
            if frame.height:
                part["sha256"][kind] = write_frame(folder / file, frame)
                part[kind] = file
        if "parquet" in part:
            part["bytes"] = (self._landed / part["parquet"]).stat().st_size
        self._parts[number] = part

    def clear(self) -> None:
        """Forget every batch; what was written is referred to by nothing."""
        self._parts.clear()
        self._attempt += 1

    def sidecar(self) -> dict[str, Any]:
        """What was kept: names and digests of files by kind, rows and bytes in all."""
        parts = [self._parts[number] for number in sorted(self._parts)]
        names = {kind: [part[kind] for part in parts if kind in part] for kind in FOLDERS}
        digests = {kind: [part["sha256"][kind] for part in parts if kind in part] for kind in FOLDERS}
        sums = {name: sum(part.get(name, 0) for part in parts) for name in ("rows", "bytes")}
        corrected = [cell for part in parts for cell in part["correction"]]
        place = {"source": self._source, "period": self._period}
        return place | names | {"sha256": digests} | sums | {"correction": corrected}
