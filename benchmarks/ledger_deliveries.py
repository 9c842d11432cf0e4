"""The invented ledger of subsidies and its registers as suppliers deliver them: files below raw/, to be landed.

The rows are those of `ledger_history.py`, a year earlier, as no delivery may be of a month to come; persons bear
numbers of legal shape, which landing hashes.
"""

from __future__ import annotations

import os
import shutil
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.invented.persons import NOBODY, identity
from benchmarks.invented.writing import deliver, say_origin
from benchmarks.ledger_history import HORIZON, PROVINCE, History
from benchmarks.ledger_registers import period_of
from pipelines.contracts import contract_of
from pipelines.contracts.delivery import facts_of
from pipelines.settings import PROJECT

LEDGER = "subsidy_ledger"
REGISTERS = ("elderly_facilities", "childcare_facilities")
#: months by which everything is earlier
EARLIER = 12
MONTHS = {"service_month"}


class Delivered(History):
    """The same, written as a supplier writes it."""

    @cached_property
    def _numbers(self) -> pl.Series:
        return identity(np.arange(self._living + HORIZON * self._comers), NOBODY)

    def _write(self, landing: Path, source: str, month: int, rows: pl.DataFrame) -> None:
        facts = facts_of(contract_of(source))
        if source == LEDGER:
            known = pl.col("facility_id").is_in(self._listed(month).implode())
            rows = rows.with_columns(facility_id=pl.when(known | pl.col("person_id").is_null()).then("facility_id"))
            # of two claims of a person who moved to where he was, landing takes one
            rows = rows.unique("payment_id", keep="first", maintain_order=True)
        words = {name: {told: word for word, told in reversed(f.values.items())} for name, f in facts.items()}
        written = rows.with_columns(
            pl.col("delivery_supplier").alias("supplier"),
            *(_a_year_before(name, dtype) for name, dtype in rows.schema.items() if dtype == pl.Date or name in MONTHS),
            *(pl.col(name).replace_strict(words[name]) for name in rows.columns if words.get(name)),
        )
        deliver(landing, source, period_of(month - EARLIER), written, "parquet")

    def _listed(self, month: int) -> pl.Series:
        """Facilities in some register of the month, or of the month before where a supplier forgot it: landing refuses
        a payment that names another."""
        return pl.concat([s.facility_id.filter(pl.Series(s.opened <= month)) for s in self.stocks.values()])


def _a_year_before(name: str, dtype: pl.DataType) -> pl.Expr:
    day = pl.col(name) if dtype == pl.Date else pl.col(name).str.to_date("%Y-%m")
    before = day.dt.offset_by(f"-{EARLIER}mo")
    return before.alias(name) if dtype == pl.Date else before.dt.strftime("%Y-%m").alias(name)


class Store:
    """Months of deliveries made once in a folder, and handed over to the raw/ of an installation as hard links."""

    def __init__(self, folder: Path, rows_a_month: int) -> None:
        self._folder, self._history = folder, Delivered(rows_a_month)

    def make(self, months: int) -> None:
        """Make the first so many months, as far as they are not there."""
        for month in range(months):
            if not self._ledger(month).exists():
                making = self._folder / "making"
                shutil.rmtree(making, ignore_errors=True)
                self._history.write(making, month)
                for source in (*REGISTERS, LEDGER):  # the ledger last: where it is, all are
                    target = self._of(source, month)
                    shutil.rmtree(target, ignore_errors=True)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.rename(making / source / target.name, target)

    def correct(self, month: int) -> None:
        """Make the revision in which one county of the province puts its ledger right: a payment in eight is of one
        unit more, one in fifty is gone."""
        title = {name: facts.title for name, facts in facts_of(contract_of(LEDGER)).items()}
        rows = pl.read_parquet(self._ledger(month))
        county, amount, quantity, price = (
            pl.col(title[name]) for name in ("county_code", "amount", "base_quantity", "unit_amount")
        )
        here, number = county == rows.select(county.min()).item(), pl.int_range(pl.len()).over(county)
        more = here & (number % 8 == 0)
        again = rows.filter(~here | (number % 50 != 0)).with_columns(
            pl.when(more).then(amount + price).otherwise(amount).alias(title["amount"]),
            pl.when(more).then(quantity + 1).otherwise(quantity).alias(title["base_quantity"]),
        )
        again.write_parquet(self._correction(month), compression="zstd", compression_level=1, statistics=False)

    def begin(self, raw: Path) -> None:
        """A raw/ with the shipped register of regions alone."""
        shutil.rmtree(raw, ignore_errors=True)
        shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
        for source in (LEDGER, *REGISTERS):
            say_origin(raw, source)

    def deliver(self, raw: Path, months: range) -> None:
        """The files of these months."""
        for month in months:
            for source in (LEDGER, *REGISTERS):
                for file in sorted(self._of(source, month).glob("*.parquet")):
                    target = raw / source / file.parent.name / file.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    os.link(file, target)

    def deliver_correction(self, raw: Path, month: int) -> None:
        os.link(self._correction(month), raw / LEDGER / self._of(LEDGER, month).name / f"{PROVINCE}_r2.parquet")

    def rows(self, raw: Path) -> int:
        """Payments in the deliveries that stand."""
        files = [file for month in self.standing(raw).values() for file in month]
        return sum(pl.scan_parquet(file).select(pl.len()).collect().item() for file in files)

    def standing(self, raw: Path) -> dict[str, list[str]]:
        """Files of the ledger that stand, by month."""
        found: dict[str, list[str]] = {}
        for file in sorted((raw / LEDGER).glob("*/*.parquet")):
            if not file.with_name(f"{file.stem}_r2.parquet").exists():
                found.setdefault(file.parent.name, []).append(str(file))
        return found

    def _of(self, source: str, month: int) -> Path:
        return self._folder / source / period_of(month - EARLIER)

    def _ledger(self, month: int) -> Path:
        return self._of(LEDGER, month) / f"{PROVINCE}.parquet"

    def _correction(self, month: int) -> Path:
        return self._folder / f"correction-{period_of(month - EARLIER)}.parquet"
