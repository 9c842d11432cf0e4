"""How much of a delivery is held at once: everything large is read, judged and landed part by part.

CARESTAT_MEMORY_MB (default 2048) bounds what landing takes, and a question of `carestat query`; a part of text becomes
some twenty times its size while it is typed and judged, and two files are read side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

DEFAULT_MB = 2048
#: shares of the bound that one part takes: of text in bytes, of rows already typed
TEXT_SHARE, BYTES_A_ROW = 64, 4096


def megabytes() -> int:
    """What the operator allows, in MB. Raises ValueError."""
    given = os.environ.get("CARESTAT_MEMORY_MB") or str(DEFAULT_MB)
    if not given.isdigit() or int(given) < 64:
        raise ValueError(f"CARESTAT_MEMORY_MB 应为不小于 64 的整数 · must be a whole number of at least 64: {given}")
    return int(given)


def part_bytes() -> int:
    """Bytes of text that are read as one part."""
    return (megabytes() << 20) // TEXT_SHARE


def part_rows() -> int:
    """Rows that are judged and landed as one part."""
    return (megabytes() << 20) // BYTES_A_ROW


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """`items`, the next one being made in a thread while the caller works on this one."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
