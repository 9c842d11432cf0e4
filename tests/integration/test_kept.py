"""What stays from night to night never shows: the marts are those of everything made anew, and little is made."""

import os
import random
import shutil
from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from tests.delivery_history import Supplier
from tests.model_nights import ModelNights, tables

pytestmark = pytest.mark.integration

#: another seed is another history: python -m tests.long.histories takes many
SEED, NIGHTS = 8, 2


@pytest.fixture(scope="module")
def nights(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelNights:
    home = tmp_path_factory.mktemp("kept")
    os.environ["CARESTAT_KEY_FILE"] = str(home / "key")
    return ModelNights(home, home / "raw", shared_folder / "parsed")


def test_a_history_of_deliveries_gives_the_marts_of_everything_made_anew(nights: ModelNights) -> None:
    supplier = Supplier(nights.raw, random.Random(SEED))
    supplier.begin()
    nights.night()
    told = []
    for number in range(NIGHTS):
        told.append([supplier.something() for _ in range(3)])
        if number == 1:
            nights.night("+ledger_repeat", "+measure_value")  # it dies, with the history changed
            told.append([supplier.something()])
        nights.night()
    anew = nights.from_nothing(nights.home / "anew").night()
    kept, made = tables(nights.nights[-1] / "marts.duckdb"), tables(anew)
    assert kept.keys() == made.keys()
    unlike = [name for name in made if kept[name] != made[name]]
    assert not unlike, f"seed {SEED}: {told}"


def test_a_night_without_change_makes_nothing(nights: ModelNights) -> None:
    nights.night()  # a payment that two months hold is told of once more: what it changed is looked for no longer
    nights.night()
    assert nights.made() == set()


def test_a_changed_definition_is_made_with_what_depends_on_it_and_nothing_else(nights: ModelNights) -> None:
    project = nights.home / "dbt_project"
    shutil.copytree(PROJECT / "dbt_project", project)
    seed = project / "seeds" / "indicators.csv"
    header, first, *others = seed.read_text(encoding="utf-8").splitlines()
    column = header.split(",").index("multiplier")
    cells = first.split(",")
    cells[column] = str(float(cells[column]) * 10)
    seed.write_text("\n".join([header, ",".join(cells), *others]) + "\n", encoding="utf-8")
    nights.project = project
    nights.night()
    made = nights.made()
    assert {"indicators", "indicator_value"} <= made
    assert not made & {"measure_value", "measures", "subsidy_audit", "ledger_entry", "facility", "population"}
