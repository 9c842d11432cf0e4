"""The subsidy ledger, province by province: allowances to the same persons month after month, and money to facilities.

Some payments come a month late, twice, or back; most are to persons. A month is made supplier after supplier, so that
memory does not follow its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from benchmarks.invented.chance import between, rarely, share
from benchmarks.invented.facilities import Facilities, Homes, Nurseries
from benchmarks.invented.persons import Persons
from benchmarks.invented.size import month_number
from benchmarks.invented.territory import Territory
from benchmarks.ledger_registers import Numbers

#: programmes of the registry under which the made money is paid: to persons in homes, for places
BEDS, PLACES = "BANAN-S5", "DAZHOU-S5"
PRICES = {BEDS: 50, PLACES: 200}


class Ledger:
    """The ledger of the whole country; `months` says what of it each supplier delivers."""

    def __init__(self, territory: Territory, homes: Homes, nurseries: Nurseries) -> None:
        self.territory, self.homes, self.nurseries = territory, homes, nurseries
        rows = territory.size.ledger_rows_per_month
        #: every how many nurseries is paid, so that most payments are to persons
        self._every = max(1, -(-len(nurseries.number) * 5 // max(1, rows)))
        to_facilities = len(homes.number) + len(nurseries.number) // self._every
        self.persons = Persons(territory, max(rows // 2, rows - to_facilities), 97)

    def month(self, period: str) -> Iterator[pl.DataFrame]:
        """The rows of the month, a frame a supplier."""
        month = month_number(period)
        ends = np.searchsorted(self.territory.province, np.arange(len(self.territory.provinces) + 1))
        for low, high in pairwise(ends):
            residents, enrolled = self.homes.residents(month), self.nurseries.enrolled(month)
            yield pl.concat(
                [
                    self._to_persons(month, low, high),
                    self._to_facilities(self.homes, residents, month, low, high, BEDS),
                    self._to_facilities(self.nurseries, enrolled, month, low, high, PLACES),
                ]
            )

    def _to_persons(self, month: int, low: int, high: int) -> pl.DataFrame:
        """Who lives in no home is paid under no programme of the registry."""
        at = self.persons.present(month, low, high)
        facility, housed = self.persons.home(self.homes, at, month)
        at, facility = at[housed], facility.drop_nulls()
        who = self.persons.who(at).drop("town_code").with_columns(facility.alias("facility_id"))
        return self._paid(who, self.persons.number[at], month, BEDS, np.ones(len(at), dtype=np.int64))

    def _to_facilities(
        self, stock: Facilities, quantity: Numbers, month: int, low: int, high: int, programme: str
    ) -> pl.DataFrame:
        at = np.arange(stock.first[low], stock.first[high - 1] + stock.of_county[high - 1])
        place = at - stock.first[stock.county[at]]
        every = self._every if stock is self.nurseries else 1
        at = at[(place % every == 0) & (stock.opened[at] <= month) & (stock.closed[at] > month)]
        who = pl.DataFrame(
            {
                "supplier": self.territory.supplier.gather(stock.county[at]),
                "person_id": pl.Series([None] * len(at), dtype=pl.String),
                "county_code": self.territory.county_code.gather(stock.county[at]),
                "facility_id": stock.facility_id.gather(at),
            }
        )
        return self._paid(who, at, month, programme, np.maximum(quantity[at], 1))

    def _paid(self, who: pl.DataFrame, number: Numbers, month: int, programme: str, quantity: Numbers) -> pl.DataFrame:
        price, to_person = PRICES[programme], pl.col("person_id").is_not_null()
        late = rarely(20, number, 170, month)
        back = rarely(3, number, 171, month)
        twice = rarely(2, number, 172, month)
        of = month - late.astype(int)
        service = pl.Series(of // 12).cast(pl.String) + "-" + pl.Series(of % 12 + 1).cast(pl.String).str.zfill(2)
        short = np.where(share(number, 173, month) < 0.004, 1, 0)
        amount = quantity * price - short
        mark = pl.when(to_person).then(pl.lit("P")).otherwise(pl.lit(programme[0]))
        rows = who.with_columns(
            (mark + pl.Series(number).cast(pl.String) + f"-{month}").alias("payment_id"),
            pl.lit(programme).alias("programme_code"),
            pl.when(to_person).then(pl.lit("个人")).otherwise(pl.lit("机构")).alias("payee_kind"),
            pl.Series("base_quantity", quantity),
            pl.lit(price).alias("unit_amount"),
            pl.Series("amount", np.where(back, -amount, amount)),
            service.alias("service_month"),
            pl.date(month // 12, month % 12 + 1, pl.Series(between(3, 26, number, 174, month))).alias("paid_on"),
            pl.Series(["已发放", "追回"]).gather(back.astype(int)).alias("payment_status"),
        )
        again = rows.filter(pl.Series(twice)).with_columns(pl.col("payment_id") + "R")
        return pl.concat([rows, again])
