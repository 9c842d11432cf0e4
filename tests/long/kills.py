"""SIGKILL at random moments over the whole run, over deliveries that alternate.

After every death: what is in service is whole and is the former release, or the new one if its link was in place;
nothing in raw/ was touched. After every tenth, after a run whose workers were orphaned, and at the end a run completes,
and its Parquet equals that of a run that nobody disturbed. One round in --freeze is a run that completes, of which the
disk is copied at fourteen moments as a death would leave it (frozen.py); from one of the copies a run completes too.

usage: python -m tests.long.kills [--kills 200] [--freeze 5] [--seed 7] [--folder DIR] [--to kills.json]
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation, deliver_small
from tests.long import told
from tests.long.deaths import WORKERS, Death, Pace, die, undisturbed
from tests.long.frozen import frozen
from tests.long.served import Torn, contents_agree, folder_digest, release_in_service

LEDGER = "subsidy_ledger/2025-02/500113.csv"
COMPLETED_EVERY = 10
#: one round in so many begins without what landing keeps, one without the parsed models: both are made anew on need
COLD_LANDING, COLD_MODELS = 5, 50
#: moments of a run at which its disk is copied
FROZEN = 14


class Kills:
    """One installation whose deliveries alternate, and what is known of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.installation = Installation.in_folder(folder)
        self.counted = folder / "renames"
        self.chance = random.Random(seed)
        self.delivered = 0
        self.outcomes: list[dict[str, str]] = []
        self.former: tuple[str, str] = ("", "")
        self.served = 0
        self.pace = Pace(0, {}, 0)
        self.deaths: list[dict[str, Any]] = []
        self.completed = 0

    def prepare(self) -> None:
        """Both deliveries released, each in an undisturbed run: their Parquet is what everything later is judged by."""
        deliver(self.installation.raw)
        for turn in (0, 1):
            if turn:
                self.alternate()
            self.pace = undisturbed(self.installation, self.counted)
            self.outcomes.append(self.installation.parquet)
            self.served = self.delivered
        assert self.outcomes[0] != self.outcomes[1]
        contents_agree(self.installation)
        self.former = self.installation.in_service
        self.alternate()

    def alternate(self) -> None:
        """The other delivery lies in raw/: one figure of the returns, and three rows fewer of a month's ledger."""
        figures = (AS_SHIPPED, CORRECTED) if self.delivered == 0 else (CORRECTED, AS_SHIPPED)
        self.installation.replace(RETURNS, *figures)
        self.delivered = 1 - self.delivered
        rows = pl.read_parquet(PROJECT / "raw" / LEDGER.replace(".csv", ".parquet"))
        rows.slice(3 * self.delivered).write_csv(self.installation.raw / LEDGER)

    def one(self, number: int) -> None:
        """A death, and what it left."""
        self._cool()
        before = folder_digest(self.installation.raw)
        death = die(self.installation, self.pace, self.chance, self.counted)
        wrong, in_service = [], "?"
        try:
            in_service = self._judged(death, self.installation)
            if in_service == "new":
                self.former, self.served = self.installation.in_service, self.delivered
            if folder_digest(self.installation.raw) != before:
                raise Torn("a delivery was touched")
            if death.way == "run alone" or number % COMPLETED_EVERY == 0:
                self.complete()
        except AssertionError as found:
            wrong = [f"{type(found).__name__}: {found}"]
        self._keep(death, in_service, wrong)
        if self.served == self.delivered:
            self.alternate()

    def freeze(self) -> None:
        """A run that completes, judged at many moments as if it had died there; from one of them a run begins anew."""
        self._cool()
        before = folder_digest(self.installation.raw)
        begun_anew = self.chance.randrange(FROZEN)
        copies = frozen(self.installation, self.pace, self.chance, FROZEN, self.folder / "frozen")
        for place, (death, left) in enumerate(copies):
            wrong, in_service = [], "?"
            try:
                in_service = self._judged(death, left)
                if place == begun_anew and in_service == "former":
                    left.released_again()
                    self._as_undisturbed(left)
                    self.completed += 1
            except AssertionError as found:
                wrong = [f"{type(found).__name__}: {found}"]
            self._keep(death, in_service, wrong)
        self.served, self.former = self.delivered, self.installation.in_service
        self._as_undisturbed(self.installation)
        self.completed += 1
        if folder_digest(self.installation.raw) != before:
            raise Torn("a delivery was touched")
        self.alternate()

    def _judged(self, death: Death, left: Installation) -> str:
        """'former' or 'new'. Raises Torn for anything else, and for an exit code that says otherwise."""
        release_in_service(left)
        now = left.in_service
        fresh = now[1] != self.former[1]
        if not fresh and (now != self.former or left.parquet != self.outcomes[self.served]):
            raise Torn("the former release is not as it was")
        if fresh:
            contents_agree(left)
            if left.parquet != self.outcomes[self.delivered]:
                raise Torn("the new release is not that of an undisturbed run")
        by_itself = (0, 1) if death.way in WORKERS else (0,)
        if death.exit not in (-9, *by_itself) or death.exit == int(fresh):
            raise Torn(f"exit {death.exit}, in service the {'new' if fresh else 'former'} release: {death.told}")
        return "new" if fresh else "former"

    def complete(self) -> None:
        """A run that nobody disturbs gives what it always gives."""
        if self.served != self.delivered:
            self.installation.released_again()
            self.completed += 1
        self.served, self.former = self.delivered, self.installation.in_service
        self._as_undisturbed(self.installation)

    def _as_undisturbed(self, installation: Installation) -> None:
        """What a completed run left is what a run leaves that nobody disturbed before it. Raises Torn."""
        if installation.parquet != self.outcomes[self.delivered]:
            raise Torn("a completed run after kills gives something else than an undisturbed one")
        contents_agree(installation)
        left = [folder.name for folder in (installation.settings.warehouse / "build").iterdir()]
        if left not in ([], ["current"]):
            raise Torn(f"left behind by the dead: {left}")

    def _cool(self) -> None:
        if self.chance.randrange(COLD_LANDING) == 0:
            shutil.rmtree(self.installation.var / "landing")
        if self.chance.randrange(COLD_MODELS) == 0:
            shutil.rmtree(self.installation.var / "dbt")

    def _keep(self, death: Death, in_service: str, wrong: list[str]) -> None:
        number = len(self.deaths) + 1
        facts = asdict(death) | {"number": number, "in_service": in_service, "wrong": wrong, "told": death.told[-600:]}
        self.deaths.append(facts)
        print(f"{number:4}  {death.way:9}  {death.step:8}  exit {death.exit:3}  {in_service:6}  {death.seconds:5.1f} s"
              f"  {death.moment}  {'; '.join(wrong)}", flush=True)  # fmt: skip


def deliver(raw: Path) -> None:
    """The small deliveries, and two months of Banan's ledger with the registers they rest on: a history to be torn."""
    deliver_small(raw)
    for month in ("2025-01", "2025-02"):
        for source in ("elderly_facilities", "childcare_facilities", "subsidy_ledger"):
            shipped = PROJECT / "raw" / source / month / "500113.parquet"
            target = raw / source / month / "500113.csv"
            target.parent.mkdir(parents=True, exist_ok=True)
            if source == "subsidy_ledger":
                pl.read_parquet(shipped).write_csv(target)
            else:
                shutil.copyfile(shipped, target.with_suffix(".parquet"))


def summary(deaths: list[dict[str, Any]]) -> str:
    """Deaths by way and step, with what stayed in service and how the run ended."""
    happened = [death for death in deaths if death["moment"] != "too late"]
    groups = sorted({(death["way"], death["step"]) for death in happened})
    rows = []
    for group in groups:
        members = [death for death in happened if (death["way"], death["step"]) == group]
        served = Counter(death["in_service"] for death in members)
        exits = Counter(death["exit"] for death in members)
        rows.append((*group, len(members), served["former"], served["new"],
                     ", ".join(f"{code}: {count}" for code, count in sorted(exits.items()))))  # fmt: skip
    rows.append(("all", "", len(happened), sum(row[3] for row in rows), sum(row[4] for row in rows), ""))
    return told.table(("killed", "during", "times", "former in service", "new in service", "exit: times"), rows)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--freeze", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path("kills.json"))
    options = parser.parse_args(arguments)
    kills = Kills(options.folder or Path(tempfile.mkdtemp(prefix="kills-")), options.seed)
    began, number = time.monotonic(), 0
    kills.prepare()
    while sum(death["moment"] != "too late" for death in kills.deaths) < options.kills:
        number += 1
        if number % options.freeze == 0:
            kills.freeze()
        else:
            kills.one(number)
        facts = {"seed": options.seed, "seconds": round(time.monotonic() - began), "completed": kills.completed}
        told.keep(options.to, facts | {"undisturbed": asdict(kills.pace), "deaths": kills.deaths})
    kills.complete()
    wrong = [f"{death['number']}: {line}" for death in kills.deaths for line in death["wrong"]]
    print(summary(kills.deaths))
    print(f"{kills.completed} completed runs between them, each equal to an undisturbed one")
    print(*wrong or ["nothing wrong"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
