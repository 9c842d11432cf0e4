"""Chance without randomness: every draw is a hash of its key, so it depends on no order, seed or clock."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def draw(*key: object) -> int:
    """A 64-bit integer fixed by the key (BLAKE2b of its parts joined by '/')."""
    text = "/".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def below(limit: int, *key: object) -> int:
    """An integer from 0 to limit - 1."""
    return draw(*key) % limit


def day(year: int, *key: object) -> date:
    """A day of the year, never after the 28th of a month."""
    return date(year, 1 + below(12, "month", *key), 1 + below(28, "day", *key))


def ranks(items: Iterable[T], *key: object) -> dict[T, int]:
    """Each item's place in a shuffled order; growing `rank < n` grows a set without ever dropping a member."""
    return {item: place for place, item in enumerate(sorted(items, key=lambda item: draw(*key, item)))}


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts of `total` in proportion to the weights (largest remainder, the earlier part first on a tie)."""
    scale = sum(weights)
    exact = [total * weight / scale for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
