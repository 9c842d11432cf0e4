"""The invented deliveries: the same whenever they are made, accepted by the contracts row by row, and nobody's."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from benchmarks.country import TINY, sixteenths
from benchmarks.generate import generate
from benchmarks.invented.persons import identity
from benchmarks.invented.territory import Territory
from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.samples.persons import check_digit

SIZE = replace(TINY, ledger_months=2, ledger_rows_per_month=200)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A tiny country's deliveries, and how many rows were made."""
    raw = tmp_path_factory.mktemp("country") / "raw"
    return raw, generate(raw, SIZE)


def contents(raw: Path) -> dict[str, str]:
    files = sorted(path for path in raw.rglob("*") if path.is_file())
    return {str(path.relative_to(raw)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_size_gives_same_bytes(made: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    raw, _ = made
    generate(tmp_path, SIZE)
    assert contents(tmp_path) == contents(raw)


def test_every_made_row_lands(
    made: tuple[Path, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, rows = made
    monkeypatch.setenv("CARESTAT_KEY", "development")
    landing = Landing(raw=raw, var=tmp_path)
    for source in SOURCES:
        told = landing.land(source)
        assert rows[source] > 0, source
        assert told.rows == rows[source], source
        assert told.reconciliation["quarantined"].sum() == 0, source
        assert told.delivery["state"].unique().to_list() == ["landed"], source


def test_nothing_is_passed_off_as_real(made: tuple[Path, dict[str, int]]) -> None:
    raw, _ = made
    for source in SOURCES:
        card = yaml.safe_load((raw / source / "origin.yml").read_text(encoding="utf-8"))
        assert card["real"] == []
        assert card["synthetic"]


def test_the_governed_regions_exist() -> None:
    for size in (SIZE, sixteenths(1)):
        territory = Territory(size)
        register = territory.register()
        assert register["region_code"].is_unique().all()
        assert set(territory._wanted) <= set(register["region_code"])
        assert set(register["parent_code"]) <= set(register["region_code"])
        assert register.filter(level="县级").height == size.counties
        assert register.filter(level="乡级").height == size.towns


def test_persons_stay_on_the_list_and_their_numbers_are_whole(made: tuple[Path, dict[str, int]]) -> None:
    raw, _ = made
    months = [
        set(
            pl.concat(pl.read_parquet(path) for path in (raw / "care_contacts" / f"2025-{month}").iterdir())["身份证号"]
        )
        for month in ("11", "12")
    ]
    assert len(months[0] & months[1]) > len(months[0]) * 3 // 4
    numbers = identity(np.arange(0, 250_000_000, 12_345_678), 99)
    assert numbers.is_unique().all()
    assert all(number[17] == check_digit(number[:17]) for number in numbers)


def test_rows_come_in_no_order(made: tuple[Path, dict[str, int]]) -> None:
    raw, _ = made
    [path] = (raw / "population" / "2025").glob("41*.parquet")
    assert not pl.read_parquet(path)["区划代码"].is_sorted()
