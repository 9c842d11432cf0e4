"""What the installation takes on disk, folder by folder, and what is left there."""

from __future__ import annotations

import os
import shutil
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
    sizes = {path: size_of(settings.var / path) for path in FOLDERS}
    total = size_of(settings.var)
    listed = [(path, name, sizes[path]) for path, name in FOLDERS.items()]
    listed.append(("", REST, max(total - sum(sizes.values()), 0)))
    folders = tuple(Folder(path, name, size, size / total if total else 0.0) for path, name, size in listed)
    return Usage(folders, total, disk.free, disk.total)


def size_of(path: Path) -> int:
    """Bytes that a file, or a folder with all beneath it, takes on disk; 0 where there is none."""
    try:
        taken = path.lstat().st_blocks * 512
        beneath = [Path(entry) for entry in os.scandir(path)] if path.is_dir() and not path.is_symlink() else []
    except OSError:
        return 0
    return taken + sum(size_of(entry) for entry in beneath)
