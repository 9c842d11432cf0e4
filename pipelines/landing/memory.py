"""How much of a delivery is held at once: everything large is read, judged and landed part by part.

Landing takes a third of what a run may (CARESTAT_MEMORY): two processes land side by side. A part of text becomes some
twenty times its size while it is typed and judged, and two files are read side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipelines.memory import run_mb

T = TypeVar("T")

#: shares of the bound that one part takes: of text in bytes, of rows already typed
TEXT_SHARE, BYTES_A_ROW = 64, 4096


def megabytes() -> int:
    """What landing may take, in MB. Raises ValueError."""
    return run_mb() // 3


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
