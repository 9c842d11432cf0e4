"""Invented registers of facilities, month by month: what the large ledger of subsidies is due on.

Every figure is a hash of what it is about, so the same month is the same however many months are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.settings import PROJECT

FIRST_MONTH = 2022 * 12 + 6
#: facilities open and close within this many months, whatever part of them is made
HORIZON = 72
#: a unit of the register per thousand; what is rare is told in these
THOUSAND = 1000
#: months in which one supplier forgot its register
FORGOTTEN = {("childcare_facilities", "511700", 8)}

Numbers = np.ndarray


def draw(numbers: Numbers | int, *salts: int) -> Numbers:
    """A 63-bit integer for every number, fixed by it and the salts (splitmix64)."""
    state = np.asarray(numbers, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for salt in (0, *salts):
            state = state + np.uint64(0x9E3779B97F4A7C15) * np.uint64(salt + 1)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(1)).astype(np.int64)


def period_of(month: int) -> str:
    """Month 0 is the first of the history."""
    return f"{(FIRST_MONTH + month) // 12}-{(FIRST_MONTH + month) % 12 + 1:02}"


def day_of(month: int, day: int) -> date:
    return date((FIRST_MONTH + month) // 12, (FIRST_MONTH + month) % 12 + 1, day)


def counties_of(prefix: str) -> dict[str, str]:
    """The standing counties of the shipped register below a code, each with its first town; those that have none
    are left out."""
    register = pl.read_csv(next((PROJECT / "raw" / "regions").glob("*/*.csv")), infer_schema=False)
    standing = register.filter(pl.col("失效日期").fill_null("") == "")
    towns = standing.filter((pl.col("级别") == "乡级") & pl.col("上级区划代码").str.starts_with(prefix))
    first = towns.group_by("上级区划代码").agg(pl.col("区划代码").min()).sort("上级区划代码")
    return dict(first.iter_rows())


@dataclass(frozen=True)
class Stock:
    """The facilities of one register that one supplier tells of."""

    source: str
    supplier: str
    counties: dict[str, str]
    size: int

    @cached_property
    def number(self) -> Numbers:
        return np.arange(self.size) + int(self.supplier) * 1_000_000

    @cached_property
    def county(self) -> Numbers:
        """Place in `counties`; facilities of a county stand together."""
        return np.arange(self.size) * len(self.counties) // self.size

    @cached_property
    def facility_id(self) -> pl.Series:
        kind = "YL" if self.source == "elderly_facilities" else "TY"
        codes = list(self.counties)
        return pl.Series([f"{codes[c]}{kind}{i:06}" for i, c in enumerate(self.county)], dtype=pl.String)

    def rare(self, salt: int, per_thousand: int) -> Numbers:
        """Which facilities are among so many in a thousand."""
        return draw(self.number, salt) % THOUSAND < per_thousand

    @cached_property
    def opened(self) -> Numbers:
        """The month a facility opened in; below 0 before the history begins."""
        return np.where(self.rare(1, 60), draw(self.number, 2) % HORIZON, -1 - draw(self.number, 2) % 100)

    @cached_property
    def closed(self) -> Numbers:
        """The month a facility closed in, or one that never comes."""
        later = self.opened.clip(0) + 1 + draw(self.number, 4) % HORIZON
        return np.where(self.rare(3, 60), later, 10_000)

    @cached_property
    def size_of(self) -> Numbers:
        """Beds or places; a few homes are no institutions."""
        return np.where(self.rare(5, 30), 4 + draw(self.number, 6) % 6, 10 + draw(self.number, 6) % 190)

    def occupied(self, month: int) -> Numbers:
        """Persons present at the month's end; -1 where the register leaves it blank. Some fill exactly half."""
        share = 40 + (draw(self.number, 7) + draw(self.number, 8, month)) % 60
        half = draw(self.number, 9, month) % 50 == 0
        present = np.where(half, (self.size_of + 1) // 2, self.size_of * share // 100)
        return np.where(draw(self.number, 10, month) % THOUSAND < 3, -1, present)

    def local(self, month: int) -> Numbers:
        """Those of them registered in the county; -1 where unknown."""
        present = self.occupied(month)
        return np.where(present < 0, -1, present * (50 + draw(self.number, 11) % 50) // 100)

    def listed(self, month: int) -> Numbers:
        """Whether the register of the month has the facility."""
        if (self.source, self.supplier, month) in FORGOTTEN:
            return np.zeros(self.size, dtype=bool)
        return self.opened <= month

    def open(self, month: int) -> Numbers:
        """In service on the month's last day."""
        return (self.opened <= month) & (self.closed > month)

    @cached_property
    def rent(self) -> Numbers:
        """Monthly rent, hundredths of a yuan."""
        return 200_000 + draw(self.number, 12) % 3_000_000

    @cached_property
    def project_places(self) -> Numbers:
        return self.size_of * (30 + draw(self.number, 13) % 70) // 100

    @cached_property
    def flags(self) -> dict[str, Numbers]:
        return {
            "inclusive": self.rare(14, 750),
            "leases_state_asset": self.rare(15, 500),
            "central_project": self.rare(16, 400),
            "private": self.rare(17, 600),
            "demo": self.rare(18, 300),
            "demo_undated": self.rare(19, 50),
        }

    @cached_property
    def demo_year(self) -> Numbers:
        return 2021 + draw(self.number, 20) % 3

    def register(self, month: int) -> pl.DataFrame:
        """The rows of the month's file, columns that nothing here asks for left out."""
        listed = self.listed(month)
        at = np.flatnonzero(listed)
        closed = self.closed[at] <= month
        rows = pl.DataFrame(
            {
                "facility_id": self.facility_id.gather(at),
                "facility_name": pl.Series("第" + self.facility_id.gather(at) + "号"),
                "county_code": pl.Series(list(self.counties)).gather(self.county[at]),
                "town_code": pl.Series(list(self.counties.values())).gather(self.county[at]),
                "urban_rural": pl.Series(["city", "town", "rural"]).gather(draw(self.number[at], 21) % 3),
                "inclusive": self.flags["inclusive"][at],
                "status": pl.Series(["operating", "closed"]).gather(closed.astype(int)),
                "opened_on": [
                    day_of(m, 1 + m * 7 % 28) if m >= 0 else date(2021, 12, 31) for m in self.opened[at].tolist()
                ],
                "closed_on": [
                    day_of(m, 28 if m % 5 == 0 else 15) if m <= month else None for m in self.closed[at].tolist()
                ],
            },
            schema_overrides={"closed_on": pl.Date},
        )
        own = self._elderly(at, month) if self.source == "elderly_facilities" else self._childcare(at, month)
        place = pl.DataFrame(
            {
                "delivery_path": f"{self.source}/{period_of(month)}/{self.supplier}.parquet",
                "delivery_row": pl.int_range(2, len(at) + 2, eager=True),
                "delivery_period": period_of(month),
                "delivery_supplier": self.supplier,
            }
        )
        return pl.concat([rows, own, place], how="horizontal")

    def _elderly(self, at: Numbers, month: int) -> pl.DataFrame:
        private = self.flags["private"][at].astype(int)
        return pl.DataFrame(
            {
                "facility_type": "nursing_home",
                "ownership": pl.Series(["government", "private"]).gather(private),
                "operator_kind": pl.Series(["government", "enterprise"]).gather(private),
                "beds": self.size_of[at],
                "nursing_beds": self.size_of[at] // 2,
                "residents": _known(self.occupied(month)[at]),
                "local_residents": _known(self.local(month)[at]),
            },
            height=len(at),
        )

    def _childcare(self, at: Numbers, month: int) -> pl.DataFrame:
        demo, undated = self.flags["demo"][at], self.flags["demo_undated"][at]
        recognised = pl.Series([date(year, 6, 1) for year in self.demo_year[at].tolist()], dtype=pl.Date)
        return pl.DataFrame(
            {
                "facility_type": "nursery",
                "ownership": pl.Series(["public", "private"]).gather(self.flags["private"][at].astype(int)),
                "registered": True,
                "places": self.size_of[at],
                "enrolled": _known(self.occupied(month)[at]),
                "demo_level": pl.Series(["none", "province"]).gather(demo.astype(int)),
                "demo_recognised_on": recognised.set(pl.Series(~demo | undated), None),
                "central_project": self.flags["central_project"][at],
                "central_project_places": self.project_places[at],
                "leases_state_asset": self.flags["leases_state_asset"][at],
                "contract_rent": hundredths(pl.Series(self.rent[at])),
            },
            height=len(at),
        )


def _known(numbers: Numbers) -> pl.Series:
    return pl.Series(numbers).replace(-1, None)


def hundredths(numbers: pl.Series) -> pl.Series:
    """Exact decimals of whole hundredths."""
    hundredth = pl.lit("0.01").cast(pl.Decimal(38, 6))
    return pl.select((numbers.cast(pl.Decimal(38, 6)) * hundredth).cast(pl.Decimal(38, 6))).to_series()
