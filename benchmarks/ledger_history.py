"""A large invented ledger of subsidies as landing leaves it, with the registers that its money is due on.

Months of some hundred thousand payments each: most of them allowances to persons, some thirty thousand to facilities.
Some are paid late, twice, short, at another price, or come back. Every figure is a hash of what it is about: a month
is the same however many are made, and whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from benchmarks.ledger_registers import HORIZON, Numbers, Stock, counties_of, draw, hundredths, period_of
from pipelines.contracts import contract_of
from pipelines.landing.hash_key import DEVELOPMENT, keyed_hash
from pipelines.landing.settle import landed_schema
from pipelines.landing.store import write_frame

PROVINCE, PREFECTURE, DISTRICT = "520000", "511700", "500113"
NOBODY = "0"


class Part(NamedTuple):
    """One row that a claim comes to: how many months later its file is delivered, its status, what it differs in."""

    lag: int = 0
    status: str = "paid"
    suffix: str = ""
    more: int = 0
    price: int = 1
    sign: int = 1
    dated: bool = True


#: what becomes of a claim, and of how many in ten thousand: of facilities, of persons; the rest is paid as it is due
FATES: list[tuple[int, int, list[Part]]] = [
    (100, 0, [Part(more=-1)]),
    (100, 0, [Part(more=1)]),
    (50, 5, [Part(price=2)]),
    (30, 2, [Part(suffix="a"), Part(suffix="b")]),
    (100, 50, []),
    (50, 40, [Part(), Part(1, "returned", "r")]),
    (50, 30, [Part(), Part(1, "returned", "r"), Part(1, suffix="p")]),
    (50, 20, [Part(), Part(2, "recovered", "c", sign=-1)]),
    (40, 10, [Part(), Part(1)]),
    (100, 80, [Part(0, "approved"), Part(1)]),
    (100, 250, [Part(1)]),
    (50, 100, [Part(2)]),
    (20, 5, [Part(dated=False)]),
]
AS_DUE = [Part()]
MOST_LAG = 2


@dataclass(frozen=True)
class Claims:
    """What is to be paid for one service month under one programme; arrays of one length, numbers in hundredths."""

    programme: str
    month: int
    payee: Numbers
    county: pl.Series
    facility: pl.Series
    person: pl.Series
    quantity: Numbers
    price: int

    def rows(self, lag: int) -> Iterator[pl.DataFrame]:
        """The ledger rows that these claims bring so many months later."""
        to_persons = self.person.dtype == pl.String
        bounds = np.cumsum([fate[to_persons] for fate in FATES])
        fate = np.searchsorted(bounds, draw(self.payee, 30, self.month) % 10_000, side="right")
        for number, parts in enumerate([*(parts for *_, parts in FATES), AS_DUE]):
            at = np.flatnonzero(fate == number)
            for part in parts:
                if part.lag == lag and len(at):
                    yield self._rows(at, part, to_persons)

    def _rows(self, at: Numbers, part: Part, to_persons: bool) -> pl.DataFrame:
        quantity = (self.quantity[at] + 100 * part.more).clip(0)
        price = self.price * part.price
        month = period_of(self.month)
        text = pl.Series(self.payee[at]).cast(pl.String).str.zfill(10)
        day = 5 + draw(self.payee[at], 31, self.month) % 20
        paid_in = period_of(self.month + part.lag)
        return pl.DataFrame(
            {
                "payment_id": self.county.gather(at)
                + month.replace("-", "")
                + self.programme[-3:]
                + text
                + part.suffix,
                "programme_code": self.programme,
                "county_code": self.county.gather(at),
                "payee_kind": "person" if to_persons else "facility",
                "facility_id": self.facility.gather(at),
                "person_id": self.person.gather(at) if to_persons else None,
                "base_quantity": hundredths(pl.Series(quantity)),
                "unit_amount": hundredths(pl.Series(np.full(len(at), price))),
                "amount": hundredths(pl.Series((quantity * price + 50) // 100 * part.sign)),
                "service_month": month if part.dated else None,
                "paid_on": (paid_in + "-" + pl.Series(day).cast(pl.String).str.zfill(2)).str.to_date()
                if part.status != "approved"
                else None,
                "payment_status": part.status,
            },
            height=len(at),
            schema_overrides={"paid_on": pl.Date, "person_id": pl.String, "service_month": pl.String},
        )


@dataclass(frozen=True)
class History:
    """`rows` payments a month, some of them about earlier months; a ninth of the size in facilities."""

    rows: int

    @cached_property
    def stocks(self) -> dict[str, Stock]:
        """The registers by a word: homes and nurseries of a province, of a district, nurseries of a prefecture."""
        kinds = [
            ("homes", "elderly_facilities", PROVINCE, 0.024),
            ("nurseries", "childcare_facilities", PROVINCE, 0.021),
            ("district_homes", "elderly_facilities", DISTRICT, 0.0003),
            ("district_nurseries", "childcare_facilities", DISTRICT, 0.0002),
            ("prefecture_nurseries", "childcare_facilities", PREFECTURE, 0.0004),
        ]
        prefix = {PROVINCE: "52", DISTRICT: DISTRICT, PREFECTURE: "5117"}
        return {
            word: Stock(source, supplier, counties_of(prefix[supplier]), max(20, int(self.rows * share)))
            for word, source, supplier, share in kinds
        }

    def write(self, landing: Path, month: int) -> None:
        """The landed files of one month: the ledger and both registers."""
        self._write(landing, "subsidy_ledger", month, self._ledger(month))
        for source in ("elderly_facilities", "childcare_facilities"):
            stocks = [stock for stock in self.stocks.values() if stock.source == source]
            parts = [stock.register(month) for stock in sorted(stocks, key=lambda stock: stock.supplier)]
            self._write(landing, source, month, pl.concat(parts))

    def _write(self, landing: Path, source: str, month: int, rows: pl.DataFrame) -> None:
        schema = landed_schema(contract_of(source))
        whole = rows.with_columns(pl.lit(None).alias(name) for name in schema if name not in rows.columns)
        name = f"{draw(month, 40, len(source)):024x}.parquet"
        shaped = whole.select(pl.col(column).cast(dtype) for column, dtype in schema.items())
        write_frame(landing / "landed" / source / period_of(month) / name, shaped)

    def _ledger(self, month: int) -> pl.DataFrame:
        """Supplier after supplier, the rows of each in no order."""
        rows = pl.concat(
            part
            for lag in range(min(month, MOST_LAG) + 1)
            for claims in self._claims(month - lag)
            for part in claims.rows(lag)
        )
        county = pl.col("county_code")
        supplier = (
            pl.when(county == DISTRICT).then(pl.lit(DISTRICT))
            .when(county.str.starts_with("5117")).then(pl.lit(PREFECTURE)).otherwise(pl.lit(PROVINCE))
        )  # fmt: skip
        shuffled = rows.with_columns(
            supplier.alias("delivery_supplier"), pl.Series("chance", draw(np.arange(rows.height), 41, month))
        ).sort("delivery_supplier", "chance")
        return shuffled.with_columns(
            pl.format("subsidy_ledger/{}/{}.parquet", pl.lit(period_of(month)), "delivery_supplier").alias(
                "delivery_path"
            ),
            (pl.int_range(pl.len()).over("delivery_supplier") + 2).alias("delivery_row"),
            pl.lit(period_of(month)).alias("delivery_period"),
        )

    # what is due to facilities, as nearly as a payer would know it

    def _claims(self, month: int) -> Iterator[Claims]:
        stocks = self.stocks
        for word, programme, price in (("homes", "BENCH-BED", 10_000), ("nurseries", "BENCH-KID", 20_000)):
            stock = stocks[word]
            present = stock.occupied(month)
            due = stock.open(month) & (present > 0)
            if word == "homes":
                due &= (stock.size_of >= 10) & (present * 2 >= stock.size_of)
            else:
                due &= stock.flags["inclusive"]
            yield self._of(stock, programme, month, due, present * 100, price)
        yield from self._of_district(month)
        demo = stocks["prefecture_nurseries"]
        due = demo.flags["demo"] & (demo.demo_year >= 2022)
        yield self._of(demo, "DAZHOU-S4", month, due & self._once(demo, month), np.full(demo.size, 100), 3_000_000)
        yield from self._of_persons(month)

    def _of_district(self, month: int) -> Iterator[Claims]:
        homes, nurseries = self.stocks["district_homes"], self.stocks["district_nurseries"]
        present, private = homes.occupied(month), homes.flags["private"]
        due = homes.open(month) & (present * 2 >= homes.size_of) & (homes.local(month) > 0) & (homes.size_of >= 10)
        yield self._of(homes, "BANAN-S5", month, due, homes.local(month) * 100, 5_000)
        yield self._of(homes, "CQ-CONSTR", month, private & self._once(homes, month), homes.size_of * 100, 500_000)
        yield self._of(homes, "BANAN-S4", month, private & self._once(homes, month - 1), homes.size_of * 100, 100_000)
        inclusive = nurseries.open(month) & nurseries.flags["inclusive"]
        yield self._of(
            nurseries, "BANAN-S1", month, inclusive & nurseries.flags["leases_state_asset"], nurseries.rent, 30
        )
        project = nurseries.flags["inclusive"] & nurseries.flags["central_project"]
        places = nurseries.project_places * 100
        yield self._of(nurseries, "BANAN-S2", month, project & self._once(nurseries, month), places, 1_000_000)
        yield self._of(nurseries, "BANAN-S3", month, project & self._once(nurseries, month - 1), places, 100_000)

    def _once(self, stock: Stock, month: int) -> Numbers:
        """Whether a one-off payment is made this month."""
        return stock.opened.clip(0) + draw(stock.number, 50) % 20 == month

    def _of(self, stock: Stock, programme: str, month: int, due: Numbers, quantity: Numbers, price: int) -> Claims:
        """A few that nothing is due to are paid as well: closed homes, and those that miss a condition."""
        stray = (quantity > 0) & (draw(stock.number, 51, month) % 250 == 0) & (stock.opened <= month)
        at = np.flatnonzero(due | stray)
        county = pl.Series(list(stock.counties)).gather(stock.county[at])
        none = pl.Series([None] * len(at), dtype=pl.Null)
        return Claims(
            programme, month, stock.number[at], county, stock.facility_id.gather(at), none, quantity[at], price
        )

    # allowances to persons

    @cached_property
    def _living(self) -> int:
        """Persons with an allowance in any month."""
        return int(self.rows * 0.85)

    @cached_property
    def _numbers(self) -> pl.Series:
        """Every person of the horizon, as landing tells of one: 1.2 in a hundred go and come each month."""
        people = range(self._living + HORIZON * self._comers)
        return pl.Series([keyed_hash(DEVELOPMENT, f"5201{number:014}") for number in people])

    @property
    def _comers(self) -> int:
        return self._living * 12 // 1000

    def _of_persons(self, month: int) -> Iterator[Claims]:
        """An allowance to each, and to one in eight a second one, half of these through the home they live in. Who
        moved is paid by both counties for a while."""
        who = np.arange(month * self._comers, month * self._comers + self._living)
        codes = list(self.stocks["homes"].counties)
        home = draw(who, 60) % len(codes)
        since = np.where(draw(who, 61) % 50 == 0, month - draw(who, 62) % HORIZON, -1)
        moved = since >= 0
        place = np.where(moved, draw(who, 63) % len(codes), home)
        cared = np.flatnonzero(draw(who, 64) % 8 == 0)
        stock = self.stocks["homes"]
        first, after = (np.searchsorted(stock.county, np.arange(len(codes)), side=side) for side in ("left", "right"))
        lives = first[place] + draw(who, 65) % (after - first).clip(1)[place]
        in_home = (draw(who, 66) % 2 == 0) & ((after - first)[place] > 0)
        facility = stock.facility_id.gather(lives.clip(0, stock.size - 1)).set(pl.Series(~in_home), None)
        nowhere = pl.Series([None] * len(who), dtype=pl.String)
        for programme, at, payer, through, price in (
            ("BENCH-AGE", np.arange(len(who)), place, nowhere, 10_000),
            ("BENCH-AGE", np.flatnonzero(moved & (since < 3)), home, nowhere, 10_000),
            ("BENCH-CARE", cared, place, facility, 6_000),
        ):
            county = pl.Series(codes).gather(payer[at])
            person = self._numbers.gather(who[at])
            quantity = np.full(len(at), 100)
            yield Claims(programme, month, who[at], county, through.gather(at), person, quantity, price)
