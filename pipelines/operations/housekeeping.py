"""Disk use kept within bounds: what nothing refers to any more is removed after every night, a delivery never.

What goes and what stays is told in docs/operations/disk.md. For whoever holds the lock of the warehouse.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.landing.hash_key import KeyUnreadable
from pipelines.landing.store import HALF
from pipelines.operations.disk import size_of
from pipelines.operations.run_records import forget_looks, forget_runs, old_runs
from pipelines.operations.unreferenced import UnknownEvidence, answers_of_no_source, parsed_files, settled_files
from pipelines.settings import Settings
from pipelines.warehouse.dbt_process import parsed_folder
from pipelines.warehouse.kept import KEPT_RELEASES, others

#: what is younger may belong to somebody who needs no lock, or be looked at right now
GRACE = timedelta(hours=1)
#: folders whose files go once nobody has written them for so long
KEPT_DAYS = {"reports": 400, "logs": 60}


@dataclass
class Tidied:
    """What was removed, or would be: kind → (how many, bytes on disk). `troubles` are what could not be, as a person
    is told (zh · en)."""

    removed: dict[str, tuple[int, int]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.removed.values())

    def count(self, kind: str, size: int) -> None:
        number, total = self.removed.get(kind, (0, 0))
        self.removed[kind] = (number + 1, total + size)


def tidy(settings: Settings, *, dry_run: bool = False, now: datetime | None = None) -> Tidied:
    """Remove what nothing refers to. Nothing in raw/, publication/ or outside var/ is touched, whatever a link says.

    A kind that fails is told in `troubles` and leaves the others to be done.
    """
    now = now or datetime.now(UTC)
    tidied = Tidied()
    kinds: dict[str, tuple[Callable[[], Iterable[Path]], timedelta]] = {
        "中断的计算 · dead builds": (lambda: _dead_builds(settings), timedelta(0)),
        "更早的发布 · earlier releases": (lambda: _earlier_releases(settings), timedelta(0)),
        "写了一半的文件 · temp files": (lambda: _halves(settings), GRACE),
        "无人引用的已接收文件 · unreferenced landed files": (lambda: settled_files(settings), GRACE),
        "无人引用的已读入文件 · unreferenced parsed files": (lambda: parsed_files(settings), GRACE),
        "已取消来源的回执 · answers of former sources": (lambda: answers_of_no_source(settings), GRACE),
        "别版模型的历史 · history of other models": (lambda: _other_histories(settings), GRACE),
        "别版模型的解析 · other parsed models": (lambda: _other_parses(settings), timedelta(days=1)),
        **{
            f"{folder}（{days} 天以上 · older than {days} days）": (
                lambda folder=folder: _files(settings.var / folder),
                timedelta(days=days),
            )
            for folder, days in KEPT_DAYS.items()
        },
    }
    for kind, (found, age) in kinds.items():
        _remove(settings, tidied, kind, found, now - age, dry_run)
    _forget_runs(settings, tidied, now, dry_run)
    if not dry_run:
        for folder in ("landing/landed", "landing/parsed", "quarantine", "reports"):
            _drop_empty(settings.var / folder)
    return tidied


def _remove(
    settings: Settings, tidied: Tidied, kind: str, found: Callable[[], Iterable[Path]], before: datetime, dry_run: bool
) -> None:
    """Remove what was found and was last written before a moment."""
    try:
        for path in found():
            if not _is_ours(settings, path) or path.lstat().st_mtime >= before.timestamp():
                continue
            size = size_of(path)
            if not dry_run and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif not dry_run:
                path.unlink()
            tidied.count(kind, size)
    except (UnknownEvidence, KeyUnreadable) as unknown:
        tidied.troubles.append(str(unknown))
    except OSError as broken:
        tidied.troubles.append(f"{kind}：{broken}")


def _is_ours(settings: Settings, path: Path) -> bool:
    """Whether `path` lies in var/, reached through no link that leads out, and neither in raw/ nor among editions."""
    place = path.parent.resolve()
    kept = (settings.raw.resolve(), settings.publication.resolve())
    return place.is_relative_to(settings.var.resolve()) and not any(
        place.is_relative_to(folder) or folder.is_relative_to(place / path.name) for folder in kept
    )


def _dead_builds(settings: Settings) -> Iterator[Path]:
    """Build folders of runs that died: whoever holds the lock knows that none lives."""
    yield from (path for path in _entries(settings.warehouse / "build") if path.is_dir() and not path.is_symlink())


def _earlier_releases(settings: Settings) -> list[Path]:
    """Releases beyond those kept; the one in service stays, whatever its name."""
    served = (settings.warehouse / "current").resolve()
    return [path for path in _entries(settings.warehouse / "releases")[:-KEPT_RELEASES] if path.resolve() != served]


def _halves(settings: Settings) -> Iterator[Path]:
    """Temp files of writers that died."""
    for folder in ("landing", "quarantine", "warehouse", "reports", "alerts"):
        yield from (path for path in _files(settings.var / folder) if path.name.endswith(HALF) and path.name[0] == ".")


def _other_histories(settings: Settings) -> list[Path]:
    return others(settings)


def _other_parses(settings: Settings) -> list[Path]:
    present = parsed_folder(settings)
    return [path for path in _entries(present.parent) if path.is_dir() and path.name != present.name]


def _forget_runs(settings: Settings, tidied: Tidied, now: datetime, dry_run: bool) -> None:
    kind = "运行记录 · records of runs"
    try:
        logs = old_runs(settings, now)
        sizes = [size_of(log) + size_of(settings.dagster_home / "storage" / log.stem) for log in logs]
        if logs and not dry_run:
            forget_runs(settings, logs)
        if not dry_run:
            forget_looks(settings, now)
        for size in sizes:
            tidied.count(kind, size)
    except Exception as broken:  # of Dagster or of its databases, whatever their state
        tidied.troubles.append(
            f"{kind}：{type(broken).__name__}: {broken}；如反复出现，可删除 {settings.dagster_home}（只含运行记录）"
            " · may be deleted if this comes again: it holds records of runs only"
        )


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _drop_empty(folder: Path) -> None:
    """Folders of periods and sources of which nothing is left."""
    for path in sorted(folder.glob("**/"), key=lambda path: len(path.parts), reverse=True):
        if path != folder and not any(path.iterdir()):
            path.rmdir()
