"""`python -m tests.long.histories FOLDER [SEEDS] [NIGHTS]`: many random histories of deliveries, each of whose nights
must leave the marts of everything made anew; now and then a night dies. Some two minutes a history."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from tests.delivery_history import Supplier
from tests.model_nights import ModelNights, tables


def compare(home: Path, parsed: Path, seed: int, nights: int) -> list[str]:
    """Tables that differ after some night of the history, with the night and what had happened."""
    dice = random.Random(seed)
    here, supplier = ModelNights(home, home / "raw", parsed), Supplier(home / "raw", dice)
    supplier.begin()
    here.night()
    unlike, told = [], []
    for number in range(nights):
        told += [supplier.something() for _ in range(dice.randint(1, 4))]
        if dice.random() < 0.3:
            here.night(*dice.choice([("+ledger_repeat",), ("+audit_month",), ("+measure_value", "+ledger_entry")]))
            told += ["died", supplier.something()]
        kept, made = tables(here.night()), tables(here.from_nothing(home / f"anew-{number}").night())
        unlike += [f"seed {seed}, night {number}: {name}; {told}" for name in made if kept.get(name) != made[name]]
    return unlike


def main(folder: Path, seeds: int, nights: int) -> int:
    os.environ["CARESTAT_KEY_FILE"] = str(folder / "key")
    unlike = []
    for seed in range(seeds):
        found = compare(folder / f"history-{seed}", folder / "parsed", seed, nights)
        print(f"seed {seed}: {nights} nights, {len(found)} tables differ", *found, sep="\n  ", flush=True)
        unlike += found
    return 1 if unlike else 0


if __name__ == "__main__":
    place, *numbers = sys.argv[1:]
    sys.exit(main(Path(place), *(int(number) for number in [*numbers, *("5", "4")[len(numbers) :]])))
