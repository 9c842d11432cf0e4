"""Chance without randomness, for whole columns at once: every draw is a hash of a number and its salts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from benchmarks.ledger_registers import Numbers, draw

WHOLE = float(2**63)


def share(numbers: Numbers | int, *salts: int) -> np.ndarray:
    """A fraction from 0 to below 1 for every number."""
    return draw(numbers, *salts) / WHOLE


def between(low: int, high: int, numbers: Numbers | int, *salts: int) -> Numbers:
    """A whole number from `low` to `high`, both included."""
    return low + draw(numbers, *salts) % (high - low + 1)


def rarely(per_thousand: float, numbers: Numbers | int, *salts: int) -> np.ndarray:
    """True for about so many in a thousand."""
    return share(numbers, *salts) * 1000 < per_thousand


def pick(words: Sequence[str], numbers: Numbers, *salts: int) -> pl.Series:
    """One of the words for every number; a word given twice comes twice as often."""
    return pl.Series(words, dtype=pl.String).gather(draw(numbers, *salts) % len(words))


def skew(numbers: Numbers, *salts: int, spread: float = 0.7) -> np.ndarray:
    """Weights of about 1, as sizes of places are spread: many small, few large (nearly log-normal)."""
    normal = sum(share(numbers, *salts, turn) for turn in range(4)) * np.sqrt(3.0) - 2 * np.sqrt(3.0)
    return np.exp(normal * spread)


def apportioned(total: int, weights: np.ndarray, least: int = 0) -> Numbers:
    """Whole parts of `total` in proportion to the weights, none below `least`."""
    rest = total - least * len(weights)
    ends = np.floor(np.cumsum(weights) / weights.sum() * rest + 0.5).astype(np.int64)
    return least + np.diff(ends, prepend=0)


def starts(parts: Numbers) -> Numbers:
    """Where each part begins when they are laid end to end."""
    return np.cumsum(parts) - parts


def chosen(first: Numbers, count: Numbers, numbers: Numbers, *salts: int) -> Numbers:
    """One of the `count` places from `first` on for every number; -1 where there is none."""
    return np.where(count > 0, first + draw(numbers, *salts) % np.maximum(count, 1), -1)
