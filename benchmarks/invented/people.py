"""Who lives in the counties: residents by sex and single age, and the deaths among them, year by year."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from benchmarks.invented.chance import share
from benchmarks.invented.territory import Territory

AGES = np.arange(101)
#: lower ends of the life table's bands, as departments of health report deaths
BANDS = np.array([0, 1, *range(5, 90, 5)])
PEOPLE_A_COUNTY = 330_000
SEXES = ("男", "女")
NEXT_CENSUS_FIGURES = 0.004


def cohorts(births: np.ndarray) -> np.ndarray:
    """How many were born in a year, to scale: most around 1966, an echo around 1988, fewer since 2018."""
    waves = np.exp(-(((births - 1966) / 9.0) ** 2)) + 0.9 * np.exp(-(((births - 1988) / 7.0) ** 2))
    return 0.55 + waves + 0.25 * np.exp(-(((births - 2014) / 6.0) ** 2)) - 0.35 * (births > 2017)


def surviving(ages: np.ndarray) -> np.ndarray:
    """Part of a cohort that is still alive (Gompertz)."""
    return np.exp(-0.00003 / 0.1 * (np.exp(0.1 * ages) - 1))


@lru_cache(maxsize=2)
def residents(territory: Territory, year: int) -> np.ndarray:
    """Residents at the year's end: county × sex × single age, the last one 100 and over."""
    county = territory.county
    total = PEOPLE_A_COUNTY * territory.weight * (1 + NEXT_CENSUS_FIGURES * (share(county, 10) - 0.6)) ** (year - 2020)
    old = 0.7 + 0.6 * share(county, 11)  # some counties are older than others
    shape = (cohorts(year - AGES) * surviving(AGES))[None, :] * old[:, None] ** ((AGES - 40) / 40.0)[None, :]
    by_age = total[:, None] * shape / shape.sum(axis=1, keepdims=True)
    men = 0.52 - 0.0015 * np.maximum(AGES - 50, 0)
    both = np.stack([by_age * men, by_age * (1 - men)], axis=1)
    wobble = 0.98 + 0.04 * share(county[:, None, None] * 1000 + np.arange(2)[None, :, None] * 200 + AGES, 12, year)
    return np.floor(both * wobble).astype(np.int64)


def population(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the population register: every county, both sexes, single ages."""
    people = residents(territory, year)
    counties, sexes, ages = people.shape
    bands = pl.Series([*map(str, AGES[:-1]), "100+"])
    return pl.DataFrame(
        {
            "supplier": territory.supplier.gather(np.repeat(np.arange(counties), sexes * ages)),
            "region_code": territory.county_code.gather(np.repeat(np.arange(counties), sexes * ages)),
            "sex": pl.Series(SEXES).gather(np.tile(np.repeat(np.arange(sexes), ages), counties)),
            "age_band": bands.gather(np.tile(np.arange(ages), counties * sexes)),
            "population": people.reshape(-1),
        }
    ).with_columns(pl.lit("常住").alias("basis"), pl.lit("年末").alias("ref_point"))


def deaths(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the deaths register: every county, both sexes, bands of the life table."""
    people = residents(territory, year)
    dying = 0.00035 + 0.00003 * np.exp(0.1 * np.minimum(AGES, 95.0))
    dying[0] = 0.004
    luck = 0.9 + 0.2 * share(territory.county, 13, year)
    expected = people * (dying * np.array([1.15, 0.85])[:, None])[None] * luck[:, None, None]
    found = np.floor(np.add.reduceat(expected, BANDS, axis=2) + 0.5).astype(np.int64)
    counties, sexes, bands = found.shape
    words = ["0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+"]
    return pl.DataFrame(
        {
            "supplier": territory.supplier.gather(np.repeat(np.arange(counties), sexes * bands)),
            "region_code": territory.county_code.gather(np.repeat(np.arange(counties), sexes * bands)),
            "sex": pl.Series(SEXES).gather(np.tile(np.repeat(np.arange(sexes), bands), counties)),
            "age_band": pl.Series(words).gather(np.tile(np.arange(bands), counties * sexes)),
            "deaths": found.reshape(-1),
        }
    )
