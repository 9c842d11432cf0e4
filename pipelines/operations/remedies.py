"""What to do about an error that no code can mend: recognised by its words, told to whoever looks after the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: what errors say → the remedy, zh · en; the first that fits
REMEDIES = {
    r"No space left on device|disk is full|Errno 28|could not write all bytes|Disk quota exceeded"
    r"|disk I/O error": (
        "磁盘已满（或读写出错）：请腾出空间（carestat tidy 列出各文件夹占用）后再运行 carestat nightly"
        " · the disk is full, or fails: make room, then run it again"
    ),
    r"Read-only file system|Permission denied|Errno 30|Errno 13|readonly database": (
        "文件夹写不进去：请检查 var/ 的挂载方式、所有者与权限"
        " · var/ cannot be written: check how it is mounted, its owner and permissions"
    ),
    r"(?:exit code|ended with code)[ `']*-\d|MemoryError|Cannot allocate memory|Errno 12|memory allocation"
    r"|Out of Memory|failed to allocate|bad_alloc|OutOfMemory|can't start new thread": (
        "内存不足，或进程被系统终止：请腾出内存或调小 CARESTAT_MEMORY 后再运行"
        " · out of memory, or a process was killed: free memory, then run it again"
    ),
    r"disk image is malformed|file is not a database|database is locked|database schema is": (
        "Dagster 的运行记录已损坏：请删除 var/dagster（只含运行记录）后再运行"
        " · Dagster's records are damaged: delete var/dagster, which holds nothing else, and run it again"
    ),
}


def remedies(messages: Iterable[str]) -> list[str]:
    """What to do about errors, each remedy once; nothing for errors that speak for themselves."""
    found = [
        remedy
        for message in messages
        for remedy in [next((text for said, text in REMEDIES.items() if re.search(said, message)), None)]
        if remedy
    ]
    return list(dict.fromkeys(found))
