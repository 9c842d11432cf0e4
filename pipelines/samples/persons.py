"""Invented persons: identity numbers of the legal shape whose division (98…, 99…) exists nowhere: they are nobody's."""

from dataclasses import dataclass
from datetime import date

from pipelines.samples.chance import below, day, draw
from pipelines.samples.reference import counties

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2
CHECK = "10X98765432"
PREFIX, PREFIX_ELSEWHERE = "99", "98"  # two, so that 500113 and 520113 never share a number
STEMS, STEM_ELSEWHERE = "甲乙丙丁戊己庚辛", "壬"  # one per county of Banan and Dazhou


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    sex: str
    birth: date


def check_digit(first_17: str) -> str:
    """The 18th character of an identity number."""
    return CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True)) % 11]


def person(county: str, number: int, youngest: int = 1960) -> Person:
    """The county's person of that number (below 6,986), born from 1930 to `youngest`; odd sequence numbers are men."""
    own = county in counties()
    prefix, stem = (PREFIX, STEMS[counties().index(county)]) if own else (PREFIX_ELSEWHERE, STEM_ELSEWHERE)
    born = day(1930 + below(youngest - 1929, "born", county, number), "born", county, number)
    turn, sequence = divmod(number, 998)  # the day of birth tells the turns apart: no number is given twice
    birth, sequence = born.replace(day=1 + 4 * turn + born.day % 4), sequence + 1
    first_17 = f"{prefix}{county[2:]}{birth:%Y%m%d}{sequence:03d}"
    return Person(first_17 + check_digit(first_17), f"{stem}{number:04d}", "男" if sequence % 2 else "女", birth)


def slots(inside: tuple[str, ...], total: int, what: str) -> list[str]:
    """The counties of `total` invented persons, spread evenly in a shuffled order."""
    spread = [inside[i % len(inside)] for i in range(total)]
    return [spread[i] for i in sorted(range(total), key=lambda i: draw(what, i))]
