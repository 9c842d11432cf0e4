"""The harness runs: two measurements from the deliveries to their tables, in a size whose figures mean nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from benchmarks.installation import Installation
from benchmarks.landing_floor import land as by_hand
from benchmarks.landing_floor import unlike
from benchmarks.ledger_deliveries import LEDGER, REGISTERS, Store
from benchmarks.measurements import MEASUREMENTS
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_measurement_keeps_to_the_protocol(name: str) -> None:
    module = import_module(MEASUREMENTS[name])
    assert module.TITLE
    assert callable(module.measure)
    assert callable(module.table)


def test_indicators_and_queries_are_measured(tmp_path: Path) -> None:
    """The indicators of a tiny country from its deliveries, then the worked queries on them; no result is kept."""
    kept = {path: path.read_bytes() for path in (PROJECT / "benchmarks").rglob("*") if path.suffix in (".md", ".json")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "indicators,queries", "--size", "smoke", "--rounds", "1",
         "--folder", tmp_path],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| tiny | 8 | 24 |" in done.stdout
    assert "| 20 分位数和增长的分布 | 1 |" in done.stdout
    assert {path: path.read_bytes() for path in kept} == kept


def test_the_ledger_of_the_nights_lands_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two months and a correction as suppliers deliver them: nothing is refused, every payment that stands lands, and
    the floor, written by hand, lands the same rows and tells the same of them."""
    store = Store(tmp_path / "deliveries", 500)
    store.make(2)
    store.correct(0)
    place = Installation(tmp_path / "place", store, "4GB")
    place.begin(2)
    as_delivered = store.rows(place.raw)
    place.deliver_correction(0)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    landing = Landing(raw=place.raw, var=place.var)
    beside = {source: [str(file) for file in landing.land(source).files] for source in ("regions", *REGISTERS)}
    landed = landing.land(LEDGER)
    assert landed.reconciliation["quarantined"].sum() == 0
    assert landed.rows == store.rows(place.raw) < as_delivered
    assert pl.scan_parquet(landed.files).collect()["person_id"].drop_nulls().str.contains("^[0-9a-f]{32}$").all()
    registers = [file for source in REGISTERS for file in beside[source]]
    of_others = {"registers": registers, "regions": beside["regions"]}
    by_hand({"ledger": store.standing(place.raw), "landed": of_others}, tmp_path / "by_hand")
    months: dict[str, list[str]] = {}
    for file in landed.files:
        months.setdefault(file.parent.name, []).append(str(file))
    assert len(months) == 2
    first = min(months)
    assert not unlike(tmp_path / "by_hand", months)
    changed = pl.read_parquet(months[first][0]).with_columns(amount=pl.col("amount") + 1)
    changed.write_parquet(tmp_path / "changed.parquet")
    assert unlike(tmp_path / "by_hand", {first: [str(tmp_path / "changed.parquet")]}) == [first]
    of_rows = landed.finding.filter(pl.col("row_number").is_not_null()).select("path", "row_number", "finding")
    said = pl.read_parquet(tmp_path / "by_hand" / "*.finding.parquet").select(
        "delivery_path", "delivery_row", "finding"
    )
    assert sorted(said.rows()) == sorted(of_rows.rows()) != []
