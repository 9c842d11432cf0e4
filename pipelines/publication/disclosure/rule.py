"""The rule: which counts are small, and how uncertain a hidden one has to stay."""

from __future__ import annotations

from typing import NamedTuple


class Interval(NamedTuple):
    """From low to high, both included; in persons or households."""

    low: float
    high: float


#: Counts of 1 to 4 are not printed (threshold 5). Zero is printed, since it speaks of nobody, but not beside small
#: counts of one sum: a reader would know that none of the hidden ones is zero.
THRESHOLD = 5

#: Whatever a reader works out for a small count has to leave open everything from 1 to 5, that is which of the small
#: counts it is and whether it is one at all: the sliding protection of Fischetti & Salazar (Management Science 47,
#: 2001) with the levels that Hundepool et al. (Statistical Disclosure Control, 2012, ch. 4) advise for a frequency
#: rule, upper end at the threshold. Zero need not stay open: the rule itself says that a small count is not zero.
PROTECTION = Interval(1, THRESHOLD)


def is_small(value: float) -> bool:
    """Whether a count of persons may not be printed. Fractions occur where an amount is divided by its rate."""
    return 0 < value < THRESHOLD


def least_open(value: float, part: float = 0.0) -> float:
    """How low a small count has to be able to lie for one who knows that a `part` of it is his own: what is left of it
    may then still be a single one.
    """
    return max(PROTECTION.low, min(value, part + 1.0)) if part else PROTECTION.low


def is_covered(low: float, high: float, least: float = PROTECTION.low) -> bool:
    """Whether what a reader can work out, low to high, leaves everything from `least` to the end of PROTECTION open."""
    slack = 1e-6
    return low <= least + slack and high >= PROTECTION.high - slack
