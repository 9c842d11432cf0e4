"""Histories of deliveries as chance makes them: months come, are put right, are taken back and come again."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.settings import PROJECT
from tests.integration.installation import RETURNS, deliver_small

MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03")
COUNTY, OTHER_COUNTY = "500113", "500112"
REGISTERS = ("elderly_facilities", "childcare_facilities")
LEDGER = "subsidy_ledger"


@dataclass
class Supplier:
    """What departments do to the folder of deliveries; `dice` decides."""

    raw: Path
    dice: random.Random
    _coming: list[Callable[[str], object]] = field(default_factory=list)

    def begin(self) -> None:
        deliver_small(self.raw)
        for month in self.dice.sample(MONTHS, 2):
            self.month_comes(month)

    def something(self) -> str:
        """One event; what it was. Every kind comes before any comes again."""
        if not self._coming:
            self._coming = [
                self.month_comes, self.month_goes, self.payment_goes, self.payment_comes_again,
                self.person_is_paid_twice, self.same_comes_again, self.another_county_comes, self.home_goes,
                self.return_is_put_right, self.nothing_is_registered,
            ]  # fmt: skip
            self.dice.shuffle(self._coming)
        event = self._coming.pop()
        there = sorted({path.parent.name for path in self.raw.glob(f"{LEDGER}/*/*.csv")})
        month = self.dice.choice(MONTHS if event == self.month_comes else there or MONTHS)
        event(month)
        return f"{event.__name__} {month}"

    def month_comes(self, month: str) -> None:
        """Registers and ledger as they are shipped, whatever was there."""
        for source in (*REGISTERS, LEDGER):
            [shipped] = (PROJECT / "raw" / source / month).glob(f"{COUNTY}.*")
            place = self.raw / source / month / f"{COUNTY}.csv"
            shutil.rmtree(place.parent, ignore_errors=True)  # the other county's, too, whose numbers are the same
            place.parent.mkdir(parents=True)
            if shipped.suffix == ".csv":
                shutil.copyfile(shipped, place)
            else:
                pl.read_parquet(shipped).write_csv(place)

    def month_goes(self, month: str) -> None:
        """The last revision of the ledger is taken back: the one before is in force again, if there is one."""
        self._last(LEDGER, month).unlink(missing_ok=True)

    def payment_goes(self, month: str) -> None:
        self._change(LEDGER, month, lambda lines: lines.pop(self.dice.randrange(len(lines))))

    def payment_comes_again(self, month: str) -> None:
        """In another month: the same payment_id in two."""
        others = [path for path in self.raw.glob(f"{LEDGER}/*/{COUNTY}.csv") if path.parent.name != month]
        if others:
            line = self.dice.choice(self._lines(self.dice.choice(sorted(others)))[1:])
            self._change(LEDGER, month, lambda lines: lines.append(line))

    def person_is_paid_twice(self, month: str) -> None:
        """For the same month, under another payment_id."""

        def add(lines: list[str]) -> None:
            persons = [line for line in lines if ",个人," in line and "已发放" in line]
            if persons:
                lines.append(f"again-{len(lines)}-{self.dice.choice(persons)}")

        self._change(LEDGER, month, add)

    def same_comes_again(self, month: str) -> None:
        """As a new revision that says what the last one said."""
        last = self._last(LEDGER, month)
        if last.exists():
            number = len(list(last.parent.glob(f"{COUNTY}*.csv"))) + 1
            shutil.copyfile(last, last.with_name(f"{COUNTY}_r{number}.csv"))

    def another_county_comes(self, month: str) -> None:
        """Late, with the same persons and payment numbers; most of it under programmes that it has no part in."""
        last = self._last(LEDGER, month)
        if last.exists():
            lines = [line.replace(f",{COUNTY},", f",{OTHER_COUNTY},") for line in self._lines(last)]
            last.with_name(f"{OTHER_COUNTY}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def home_goes(self, month: str) -> None:
        self._change(self.dice.choice(REGISTERS), month, lambda lines: lines.pop(self.dice.randrange(len(lines))))

    def nothing_is_registered(self, _: str) -> None:
        """A register of a county that has none, for the latest month: a heading and no row."""
        source = self.dice.choice(REGISTERS)
        [shipped] = (PROJECT / "raw" / source / MONTHS[-1]).glob(f"{COUNTY}.*")
        rows = pl.read_csv(shipped, infer_schema=False) if shipped.suffix == ".csv" else pl.read_parquet(shipped)
        place = self.raw / source / "2025-06" / f"{OTHER_COUNTY}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        rows.clear().write_csv(place)

    def return_is_put_right(self, _: str) -> None:
        path = self.raw / RETURNS
        text = path.read_bytes().decode()
        more = self.dice.randrange(1, 50)
        path.write_bytes(re.sub(r"(pension_insured),(\d+)", lambda m: f"{m[1]},{int(m[2]) + more}", text).encode())

    def _last(self, source: str, month: str) -> Path:
        """The revision in force, or where the first would lie."""
        revisions = sorted((self.raw / source / month).glob(f"{COUNTY}*.csv"), key=lambda path: (len(path.name), path))
        return revisions[-1] if revisions else self.raw / source / month / f"{COUNTY}.csv"

    def _lines(self, path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").splitlines()

    def _change(self, source: str, month: str, change: Callable[[list[str]], object]) -> None:
        path = self._last(source, month)
        if path.exists():
            header, *lines = self._lines(path)
            if lines:
                change(lines)
            path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
