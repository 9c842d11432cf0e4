"""Histories of deliveries as chance makes them: months come, are put right, are taken back and come again."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.settings import PROJECT
from tests.integration.installation import RETURNS, deliver_small

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")
COUNTY = "500113"
REGISTERS = ("elderly_facilities", "childcare_facilities")


@dataclass
class Supplier:
    """What a county's departments do to the folder of deliveries; `dice` decides."""

    raw: Path
    dice: random.Random

    def begin(self) -> None:
        deliver_small(self.raw)
        self.month_comes(MONTHS[0])

    def something(self) -> str:
        """One event; what it was."""
        month = self.dice.choice(MONTHS)
        event: Callable[[str], object] = self.dice.choice(
            [self.month_comes, self.month_comes, self.ledger_goes, self.payment_goes, self.payment_comes_again,
             self.home_goes, self.return_is_put_right]
        )  # fmt: skip
        event(month)
        return f"{event.__name__} {month}"

    def month_comes(self, month: str) -> None:
        """Registers and ledger as they are shipped, whatever was there."""
        for source in (*REGISTERS, "subsidy_ledger"):
            shipped = pl.read_parquet(PROJECT / "raw" / source / month / f"{COUNTY}.parquet")
            place = self._file(source, month)
            place.parent.mkdir(parents=True, exist_ok=True)
            shipped.write_csv(place)

    def ledger_goes(self, month: str) -> None:
        self._file("subsidy_ledger", month).unlink(missing_ok=True)

    def payment_goes(self, month: str) -> None:
        self._change("subsidy_ledger", month, lambda lines: lines.pop(self.dice.randrange(len(lines))))

    def payment_comes_again(self, month: str) -> None:
        """In another month: the same payment_id in two."""
        others = [path for path in self.raw.glob(f"subsidy_ledger/*/{COUNTY}.csv") if path.parent.name != month]
        if others:
            line = self.dice.choice(self.dice.choice(sorted(others)).read_text(encoding="utf-8").splitlines()[1:])
            self._change("subsidy_ledger", month, lambda lines: lines.append(line))

    def home_goes(self, month: str) -> None:
        self._change(self.dice.choice(REGISTERS), month, lambda lines: lines.pop(self.dice.randrange(len(lines))))

    def return_is_put_right(self, _: str) -> None:
        path = self.raw / RETURNS
        text = path.read_bytes().decode()
        more = self.dice.randrange(1, 50)
        path.write_bytes(re.sub(r"(pension_insured),(\d+)", lambda m: f"{m[1]},{int(m[2]) + more}", text).encode())

    def _file(self, source: str, month: str) -> Path:
        return self.raw / source / month / f"{COUNTY}.csv"

    def _change(self, source: str, month: str, change: Callable[[list[str]], object]) -> None:
        path = self._file(source, month)
        if path.exists():
            header, *lines = path.read_text(encoding="utf-8").splitlines()
            if lines:
                change(lines)
            path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
