"""Which deliveries lie in raw/: their source, period, supplier and revision by name, their content by SHA-256.

Grammar (spec §1): raw/<source>/<period>/<supplier>[_rN].<csv|xlsx|parquet>. Nothing is opened for meaning here.
"""

from __future__ import annotations

import calendar
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from .masking import masked_path
from .store import read_json, write_json

FILE_NAME = re.compile(
    r"(?P<supplier>\d{6})(?:_[rR](?P<revision>[1-9]\d{0,3}))?\.(?P<kind>csv|xlsx|parquet)", re.IGNORECASE
)
LINK_OUT = "链接指向 raw/ 之外，请放入文件本身 · link leaves raw/, deliver the file itself"
PERIOD_FORMS = {
    "year": re.compile(r"\d{4}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "snapshot": re.compile(r"\d{4}-\d{2}-\d{2}"),
}
#: companions of deliveries that are no deliveries
COMPANIONS = {"origin.yml", "readme.md", "readme.txt", "readme"}


@dataclass(frozen=True)
class DeliveredFile:
    """One file in raw/. `fault` is why its name keeps it out (zh · en), None for a well-named one.

    `path` is where it lies, to read it; what is told of it is `shown`, `source` and `period`, with no citizen number.
    """

    path: str
    shown: str
    source: str
    period: str
    supplier: str
    revision: int
    kind: str
    sha256: str
    received_at: datetime
    former: tuple[str, ...] = ()
    fault: str | None = None

    @property
    def rank(self) -> tuple[int, str, str]:
        """Order among the files of one source, period and supplier: the last one stands."""
        return (self.revision, self.kind, self.path)


def period_bounds(form: str, period: str) -> tuple[date, date]:
    """First and last day of a period. Raises ValueError when `period` is not of `form` or no such day exists."""
    if not PERIOD_FORMS[form].fullmatch(period):
        raise ValueError(period)
    year, month, day = ([int(part) for part in period.split("-")] + [0, 0])[:3]
    if form == "year":
        return date(year, 1, 1), date(year, 12, 31)
    if form == "month":
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def discover(raw: Path, forms: Mapping[str, str], stat_file: Path, today: date, key: bytes) -> list[DeliveredFile]:
    """Every delivery below `raw`, by path. A file whose size and time are as remembered is not read again.

    `key` is the warehouse key, for the masks of paths.
    """
    known: dict[str, Any] = read_json(stat_file) or {}
    remembered: dict[str, Any] = {}
    files = []
    for path, entry in _walk(raw, raw):
        inside = Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(raw))
        # what leaves raw/ is never opened: its link text stands for its content
        shown = masked_path(path, key)
        record = _content(entry, known.get(shown)) if inside else _link(entry)
        remembered[shown] = record
        files.append(_delivery(path, shown, record, None if inside else LINK_OUT, forms, today))
    if remembered != known:
        write_json(stat_file, remembered)
    return sorted(files, key=lambda file: file.path)


def _walk(folder: Path, raw: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.name.startswith(".") or entry.name.lower() in COMPANIONS:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), raw)
            else:
                yield Path(entry.path).relative_to(raw).as_posix(), entry


def _content(entry: os.DirEntry[str], known: dict[str, Any] | None) -> dict[str, Any]:
    try:
        stat = entry.stat()
        same = known is not None and [known["size"], known["mtime_ns"]] == [stat.st_size, stat.st_mtime_ns]
        if same:
            return known
        with open(entry.path, "rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        # broken link, folder behind a link, no permission: still a delivery, and said so when it is read
        return {"size": 0, "mtime_ns": 0, "sha256": hashlib.sha256(b"").hexdigest(), "former": []}
    former = [*known["former"], known["sha256"]] if known and known["sha256"] != sha256 else (known or {}).get("former")
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256, "former": former or []}


def _link(entry: os.DirEntry[str]) -> dict[str, Any]:
    stat = entry.stat(follow_symlinks=False)
    sha256 = hashlib.sha256(os.readlink(entry.path).encode()).hexdigest()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256, "former": []}


def _delivery(
    path: str, shown: str, record: dict[str, Any], fault: str | None, forms: Mapping[str, str], today: date
) -> DeliveredFile:
    parts = path.split("/")
    folders = [*shown.split("/")[:-1], "", ""]
    name = FILE_NAME.fullmatch(parts[-1])
    revision = int(name["revision"] or 1) if name else 1
    return DeliveredFile(
        path=path,
        shown=shown,
        source=folders[0],
        period=folders[1],
        supplier=name["supplier"] if name else "",
        revision=revision,
        kind=name["kind"].lower() if name else "",
        sha256=record["sha256"],
        received_at=datetime.fromtimestamp(record["mtime_ns"] / 1e9, UTC),
        former=tuple(record["former"]),
        fault=fault or _fault(parts, name, forms, today),
    )


def _fault(parts: list[str], name: re.Match[str] | None, forms: Mapping[str, str], today: date) -> str | None:
    """What is wrong with the path, in words that say how to mend it."""
    form = forms.get(parts[0])
    if form is None and len(parts) > 1:
        return f"没有这个来源的文件夹，请移入 {'、'.join(forms)} 之一 · unknown source folder"
    if form is None or len(parts) != 3:
        return "应为 raw/<来源>/<时期>/<报送单位>.<扩展名> · wrong folder depth"
    if parts[2].lower().endswith((".xls", ".et")):
        return "请另存为 .xlsx 后重报 · save as .xlsx and deliver again"
    if name is None or name["revision"] == "1":
        return "文件名应为 6位区划代码[_r2起].csv|xlsx|parquet · wrong file name"
    try:
        start, _ = period_bounds(form, parts[1])
    except ValueError:
        return f"时期写法应为 {FORM_EXAMPLES[form]} · wrong period form"
    return "时期在将来 · period lies in the future" if start > today else None


FORM_EXAMPLES = {"year": "2024", "month": "2024-03", "snapshot": "2024-12-31"}
