"""What the installation takes on disk, folder by folder, and what is left there."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import Settings

#: folders below var/ that are told apart, and what lies in them; what no line names is told with the rest
FOLDERS = {
    "landing/parsed": "已读入的交付 · parsed deliveries",
    "landing/landed": "已接收的行 · landed rows",
    "quarantine": "拒收与回执 · refused rows and answers",
    "warehouse/releases": "发布 · releases",
    "warehouse/history": "不变月份 · months that stay",
    "warehouse/build": "正在计算 · being built",
    "publication": "公报 · editions",
    "dagster": "运行记录 · run records",
    "dbt": "模型解析 · parsed models",
    "logs": "日志 · logs",
    "reports": "运行报告 · run reports",
}
REST = "其他 · the rest"


@dataclass(frozen=True)
class Folder:
    """`bytes` as the file system holds them; `share` of all that lies in var/, 0 to 1."""

    path: str
    name: str
    bytes: int
    share: float


@dataclass(frozen=True)
class Usage:
    """`bytes` in all of var/; `free` and `size` of the file system that var/ is on, in bytes."""

    folders: tuple[Folder, ...]
    bytes: int
    free: int
    size: int

    @property
    def free_share(self) -> float:
        """Of the file system, 0 to 1."""
        return self.free / self.size if self.size else 0.0


def usage(settings: Settings) -> Usage:
    """Every folder of FOLDERS in their order, then the rest; nothing outside var/ is counted, links are not followed.

    What vanishes meanwhile counts as nothing. Raises OSError where var/ itself cannot be looked at.
    """
    disk = shutil.disk_usage(settings.var)
    listed = [(path, name, size_of(settings.var / path)) for path, name in FOLDERS.items()]
    listed.append(("", REST, size_of(settings.var, {str(settings.var / path) for path in FOLDERS})))
    total = sum(size for _, _, size in listed)
    folders = tuple(Folder(path, name, size, size / total if total else 0.0) for path, name, size in listed)
    return Usage(folders, total, disk.free, disk.total)


def size_of(path: Path, but: Collection[str] = ()) -> int:
    """Bytes that a file, or a folder with all beneath it except `but`, takes on disk; 0 where there is none."""
    try:
        about = path.lstat()
    except OSError:
        return 0
    return about.st_blocks * 512 + (_beneath(str(path), but) if stat.S_ISDIR(about.st_mode) else 0)


def _beneath(folder: str, but: Collection[str]) -> int:
    taken = 0
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if entry.path not in but]
    except OSError:
        return 0
    for entry in entries:
        with contextlib.suppress(OSError):
            taken += entry.stat(follow_symlinks=False).st_blocks * 512
            if entry.is_dir(follow_symlinks=False):
                taken += _beneath(entry.path, but)
    return taken
