"""Persons on the rolls: the same ones month after month, some coming and going; numbers of legal shape, nobody's."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.invented.chance import apportioned, between, chosen, pick, rarely, share
from benchmarks.invented.facilities import Homes, first_day
from benchmarks.invented.size import month_number
from benchmarks.invented.territory import Territory
from benchmarks.ledger_registers import Numbers

#: GB 11643-1999 (ISO 7064 MOD 11-2); numbers of divisions 98…, 99… belong to nobody
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = list("10X98765432")
NOBODY = 99
#: months that a person stays on a list, of every hundred
STAY, ROUND = 40, 100


def born(number: Numbers) -> tuple[Numbers, Numbers]:
    """Year and month of birth."""
    return between(1930, 1962, number, 70), between(1, 12, number, 71)


def identity(number: Numbers, division: int) -> pl.Series:
    """18 characters, a different one for every number below 280 million."""
    year, month = born(number)
    day, rest = number // 10_000_000 + 1, number % 10_000_000
    head, sequence = rest // 1000, rest % 1000
    digits = (((division * 10_000 + head) * 10_000 + year) * 100 + month) * 100 + day
    digits = digits * 1000 + sequence
    total, left = np.zeros(len(number), dtype=np.int64), digits.copy()
    for weight in reversed(WEIGHTS):
        total += left % 10 * weight
        left //= 10
    return pl.Series(digits).cast(pl.String) + pl.Series(CHECK).gather(total % 11)


class Persons:
    """A stock of persons by county, of whom about `present` are on the list in any month."""

    def __init__(self, territory: Territory, present: int, division: int) -> None:
        self.territory, self.division = territory, division
        ever = apportioned(present * ROUND // STAY, territory.weight)
        self.county = np.repeat(np.arange(len(ever)), ever)
        self.number = np.arange(len(self.county))
        self.town = chosen(
            territory.first_town[self.county], territory.towns_of_county[self.county], self.number, division, 1
        )
        self._turn = between(0, ROUND - 1, self.number, division, 2)

    def present(self, month: int, low: int = 0, high: int | None = None) -> Numbers:
        """Who is on the list in the month, in the counties from `low` to before `high`."""
        first, after = np.searchsorted(self.county, [low, self.county.max(initial=0) + 1 if high is None else high])
        return first + np.flatnonzero((month + self._turn[first:after]) % ROUND < STAY)

    def since(self, at: Numbers, month: int) -> Numbers:
        """The month in which they came."""
        return month - (month + self._turn[at]) % ROUND

    def who(self, at: Numbers) -> pl.DataFrame:
        """Supplier, number, county and town of each."""
        county = self.county[at]
        return pl.DataFrame(
            {
                "supplier": self.territory.supplier.gather(county),
                "person_id": identity(self.number[at], self.division),
                "county_code": self.territory.county_code.gather(county),
                "town_code": self.territory.town_code.gather(self.town[at]),
            }
        )

    def home(self, homes: Homes, at: Numbers, month: int) -> tuple[pl.Series, np.ndarray]:
        """A facility of the own county that is open, and whether there is one."""
        county = self.county[at]
        found = chosen(homes.first[county], homes.of_county[county], self.number[at], self.division, 3)
        usable = (found >= 0) & (homes.opened[found] <= month) & (homes.closed[found] > month)
        return homes.facility_id.gather(np.maximum(found, 0)).set(pl.Series(~usable), None), usable


def assisted(persons: Persons, homes: Homes, period: str) -> pl.DataFrame:
    """Rows of the month's assistance roll."""
    month = month_number(period)
    at = persons.present(month)
    number = persons.number[at]
    year, birth_month = born(number)
    kind = pick(["特困", "特困", "低保", "低保", "低保", "低保边缘", "其他兜底", "未纳入"], number, 72)
    tekun = (kind == "特困").to_numpy()
    facility, housed = persons.home(homes, at, month)
    central = tekun & housed & (share(number, 73) < 0.5)
    own = {
        "birth_date": first_day(year * 12 + birth_month - 1),
        "household_id": persons.territory.county_code.gather(persons.county[at])
        + "H" + pl.Series(number // 2).cast(pl.String),
        "assistance_kind": kind,
        "self_care": pick(["具备", "具备", "部分丧失", "完全丧失"], number, 74),
        "disability": rarely(200, number, 75),
        "support_mode": pl.Series(["不适用", "分散", "集中"]).gather(np.where(central, 2, tekun.astype(int))),
        "wants_centralised": central | (tekun & rarely(200, number, 76)),
        "facility_id": facility.set(pl.Series(~central), None),
        "basic_service": rarely(700, number, 77),
        "home_adapted_on": first_day(persons.since(at, month)).set(pl.Series(share(number, 78) > 0.4), None),
        "joined_on": first_day(persons.since(at, month)),
    }  # fmt: skip
    return pl.concat([persons.who(at), pl.DataFrame(own)], how="horizontal")


def contacts(persons: Persons, period: str) -> pl.DataFrame:
    """Rows of the month's visiting list: everyone on it, visited or not."""
    month = month_number(period)
    at = persons.present(month)
    number = persons.number[at]
    visits = between(0, 4, number, 79, month)
    own = {
        "primary_kind": pick(["独居", "空巢", "留守", "失能", "重残"], number, 80),
        "contacts": visits,
        "contact_mode": pick(["上门", "电话"], number, 81).set(pl.Series(visits == 0), None),
    }
    return pl.concat([persons.who(at), pl.DataFrame(own)], how="horizontal")
