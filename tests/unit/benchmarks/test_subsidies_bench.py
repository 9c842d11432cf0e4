"""The large ledger of the benchmark, made small: the same whenever it is made, and counted right by its floor."""

import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.ledger_floor import build
from benchmarks.ledger_history import History
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT

MONTHS = ("2022-07", "2022-08", "2022-09", "2022-10")


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four months of some two thousand payments, and the register of regions."""
    home = tmp_path_factory.mktemp("ledger")
    shutil.copytree(PROJECT / "raw" / "regions", home / "raw" / "regions")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CARESTAT_KEY", "development")
        Landing(raw=home / "raw", var=home / "var").land("regions")
    for month in range(len(MONTHS)):
        History(2_000).write(home / "var" / "landing", month)
    return home / "var" / "landing"


def ledger(landing: Path) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(path) for path in sorted((landing / "landed" / "subsidy_ledger").glob("*/*")))


def test_a_month_is_the_same_whoever_makes_it(landing: Path, tmp_path: Path) -> None:
    History(2_000).write(tmp_path, 2)
    [again] = (tmp_path / "landed" / "subsidy_ledger" / "2022-09").iterdir()
    [first] = (landing / "landed" / "subsidy_ledger" / "2022-09").iterdir()
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()


def test_the_ledger_holds_what_an_audit_must_find(landing: Path) -> None:
    rows = ledger(landing)
    assert set(rows["payment_status"]) == {"paid", "approved", "returned", "recovered"}
    assert rows["service_month"].null_count() > 0
    paid = rows.filter(payment_status="paid").group_by("payment_id").agg(pl.col("delivery_period").n_unique())
    assert paid["delivery_period"].max() == 2
    assert rows.filter(pl.col("payee_kind") == "person", pl.col("facility_id").is_not_null()).height > 0


def test_the_floor_counts_every_payment_once_and_every_person_once(landing: Path, tmp_path: Path) -> None:
    """Paid and persons of a province, against the rows taken one by one."""
    sources = ("subsidy_ledger", "elderly_facilities", "childcare_facilities", "regions")
    files = {source: sorted(map(str, (landing / "landed" / source).glob("*/*.parquet"))) for source in sources}
    build(files, tmp_path / "floor.duckdb")
    paid = Decimal(0)
    persons: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    seen: set[str] = set()
    for row in ledger(landing).sort("delivery_period").iter_rows(named=True):
        if row["payment_status"] == "approved" or (row["payment_status"] == "paid" and row["payment_id"] in seen):
            continue
        amount = row["amount"] if row["payment_status"] == "paid" else -abs(row["amount"])
        if row["payment_status"] == "paid":
            seen.add(row["payment_id"])
        paid += amount
        if row["programme_code"] == "BENCH-AGE" and (row["service_month"] or row["delivery_period"]) == "2022-08":
            persons[row["person_id"]][row["county_code"]] += amount
    with duckdb.connect(str(tmp_path / "floor.duckdb"), read_only=True) as floor:
        assert floor.execute("select sum(paid_amount_yuan) from payment").fetchall() == [(paid,)]
        [(counted,)] = floor.execute(
            "select persons from beneficiary where programme_code = 'BENCH-AGE' and period = '2022-08'"
            " and region_code = '520000'"
        ).fetchall()
        assert floor.execute("select sum(paid_amount_yuan) from audit").fetchall() == [(paid,)]
    assert counted == sum(any(net > 0 for net in nets.values()) for nets in persons.values())
