"""`python -m tests.long.histories FOLDER [SEEDS] [NIGHTS] [FIRST]`: random histories of deliveries and definitions.
Each night must leave every table as everything made anew does, and make nothing without a reason; now and then one is
killed. Without FIRST the first seed is drawn. Some three minutes a history of four nights."""

from __future__ import annotations

import os
import random
import re
import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.delivery_history import Supplier
from tests.model_nights import ModelNights

SUBSIDIES = "models/subsidies"
#: file below dbt_project/ → what becomes of its text, by a number that has not been before
DEFINITIONS: dict[str, Callable[[str, int], str]] = {
    "seeds/subsidy_programmes.csv": lambda text, new: re.sub(r"(local_residents),[\d.]+,", rf"\1,{50 + new},", text),
    "seeds/subsidy_findings.csv": lambda text, new: re.sub(r"(?m)^(paid_twice,[^,]*?)\d*,", rf"\g<1>{new},", text),
    f"{SUBSIDIES}/person_paid_again.sql": lambda text, _: re.sub(
        r"(2 \* )?count\(distinct", lambda found: "count(distinct" if found[1] else "2 * count(distinct", text
    ),
    f"{SUBSIDIES}/ledger_payment_key.sql": lambda text, new: f"{text}-- {new}\n",
}


def compare(home: Path, parsed: Path, seed: int, nights: int) -> list[str]:
    """What is wrong after some night of the history, with the night and what had happened."""
    dice = random.Random(seed)
    here, supplier = ModelNights(home, home / "raw", parsed), Supplier(home / "raw", dice)
    supplier.begin()
    here.night()
    wrong: list[str] = []
    told: list[str] = []
    for number in range(nights):
        told += [supplier.something() for _ in range(dice.randint(1, 5))]
        if dice.random() < 0.3:
            told.append(_definition(here, dice, number))
        one_died = dice.random() < 0.4
        if one_died:
            line = dice.randrange(2, 170)
            here.night(dies_at=f" {line} of ")
            told += [f"died at {line}", supplier.something()]
        here.night()
        former, last = here.nights[-2:]
        faults = {
            "differ": last.unlike(here.from_nothing()),
            "made without a reason": last.unfounded(former, one_died),
            "called unchanged": last.wrongly_unchanged(former),
        }
        wrong += [f"seed {seed}, night {number}: {names} {what}; {told}" for what, names in faults.items() if names]
        told.append("night")
    return wrong


def _definition(here: ModelNights, dice: random.Random, number: int) -> str:
    """Another definition; which."""
    name = dice.choice(sorted(DEFINITIONS))
    here.change_project((name, lambda text: DEFINITIONS[name](text, number + 2)))
    return name


def main(folder: Path, seeds: int, nights: int, first: int) -> int:
    os.environ["CARESTAT_KEY_FILE"] = str(folder / "key")
    wrong = []
    for seed in range(first, first + seeds):
        home = folder / f"history-{seed}"
        found = compare(home, folder / "parsed", seed, nights)
        print(f"seed {seed}: {nights} nights, {len(found)} faults", *found, sep="\n  ", flush=True)
        wrong += found
        if not found:
            shutil.rmtree(home)
    return 1 if wrong else 0


if __name__ == "__main__":
    place, *numbers = sys.argv[1:]
    drawn = secrets.randbelow(10**6)
    sys.exit(main(Path(place), *(int(n) for n in [*numbers, *("5", "4", str(drawn))[len(numbers) :]])))
