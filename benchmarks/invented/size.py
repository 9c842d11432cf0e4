"""How much is made: the figures that the command takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Units a year unless said otherwise; the last year is complete, so nothing lies in the future."""

    counties: int = 3_300
    towns: int = 45_000
    years: int = 1
    last_year: int = 2025
    #: communities and villages of the yearly ledger
    communities: int = 540_000
    elderly_facilities: int = 40_000
    childcare_facilities: int = 100_000
    #: persons on the assistance rolls of a December, and on the visiting lists of every month
    assisted: int = 330_000
    visited: int = 45_000
    residential_projects: int = 33_000
    construction_projects: int = 10_000
    #: entries of each government's fund ledger
    fund_entries: int = 14
    #: months of the subsidy ledger up to the last year's December, and payments in each
    ledger_months: int = 0
    ledger_rows_per_month: int = 1_000_000

    def __post_init__(self) -> None:
        if self.counties < 4 or self.towns < self.counties or self.communities < self.towns:
            raise ValueError("at least 4 counties, a town in each and a community in each town")

    @property
    def periods(self) -> list[str]:
        """The years, oldest first."""
        return [str(year) for year in range(self.last_year - self.years + 1, self.last_year + 1)]

    @property
    def decembers(self) -> list[str]:
        return [f"{year}-12" for year in self.periods]

    @property
    def paid_months(self) -> list[str]:
        """Months of the subsidy ledger, oldest first."""
        end = self.last_year * 12 + 12
        return [f"{month // 12}-{month % 12 + 1:02}" for month in range(end - self.ledger_months, end)]

    @property
    def register_months(self) -> list[str]:
        """Months with a register of facilities: every December, and every month that is paid for."""
        return sorted({*self.decembers, *self.paid_months})


def month_number(period: str) -> int:
    """Months since year 0 of 'YYYY-MM'; of 'YYYY', its December."""
    return int(period[:4]) * 12 + (int(period[5:7]) if len(period) > 4 else 12) - 1
