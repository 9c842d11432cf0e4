"""The real figures carried with the project: divisions of 2023-06-30, censuses of 2010 and 2020 by sex and age band."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "reference"
BANAN = "500113"
DAZHOU = "511700"
BANDS = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+")
YEARS = range(2020, 2026)


@dataclass(frozen=True)
class Division:
    code: str
    name: str
    parent: str
    level: str


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def divisions() -> tuple[Division, ...]:
    """Provinces, prefectures and counties of the country; towns of Banan, Dazhou, Guizhou and Henan.

    By length of code, then code.
    """
    rows = table("divisions_2023.csv")
    return tuple(Division(row["region_code"], row["region_name"], row["parent_code"], row["level"]) for row in rows)


@cache
def by_parent() -> dict[str, list[Division]]:
    found: dict[str, list[Division]] = {}
    for division in divisions():
        found.setdefault(division.parent, []).append(division)
    return found


def children(code: str) -> list[Division]:
    """Divisions directly beneath a code, in code order."""
    return by_parent().get(code, [])


@cache
def counties() -> tuple[str, ...]:
    """Banan and the seven counties of Dazhou: the regions with invented registers."""
    return (BANAN, *(division.code for division in children(DAZHOU)))


@cache
def names() -> dict[str, str]:
    return {division.code: division.name for division in divisions()}


@cache
def census(year: int = 2020) -> dict[str, dict[str, tuple[int, ...]]]:
    """Region → sex (male, female) → persons by band of `BANDS`, census of 1 November 2010 or 2020."""
    people: dict[str, dict[str, tuple[int, ...]]] = {}
    for row in table(f"census_{year}.csv"):
        people.setdefault(row["region_code"], {})[row["sex"]] = tuple(int(row[band]) for band in BANDS)
    return people


def area_counties(area: str) -> tuple[str, ...]:
    """The counties of Banan (itself) or of Dazhou."""
    return tuple(county for county in counties() if (county == BANAN) == (area == BANAN))
