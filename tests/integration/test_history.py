"""What stays from night to night gives the same marts as everything made anew, and only changed months are read."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.settings import PROJECT
from tests.models_run import dbt, landed

pytestmark = pytest.mark.integration

MARTS = ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence", "beneficiary")
LEDGER = "subsidy_ledger/{}/500113.csv"


@dataclass
class Ledgers:
    """Banan's registers and ledgers of some months, and the nights over them."""

    home: Path
    parsed: Path

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    def deliver(self, month: str) -> None:
        """The shipped registers and ledger of a month of 2025; the ledger as CSV, so that it can be changed."""
        for source in ("elderly_facilities", "childcare_facilities"):
            target = self.raw / source / month
            target.mkdir(parents=True)
            shutil.copy(PROJECT / "raw" / source / month / "500113.parquet", target)
        rows = pl.read_parquet(PROJECT / "raw" / "subsidy_ledger" / month / "500113.parquet")
        self.ledger(month).parent.mkdir(parents=True)
        rows.write_csv(self.ledger(month))

    def ledger(self, month: str) -> Path:
        return self.raw / LEDGER.format(month)

    def lines(self, month: str) -> list[str]:
        return self.ledger(month).read_text(encoding="utf-8").splitlines()

    def built(self, name: str, *selected: str) -> Path:
        """The models over what lies in raw/, on a history that may be there already; the marts. A night that names some
        of them only is one that died after these."""
        folder, current = self.home / name, self.home / "current"
        shutil.rmtree(current, ignore_errors=True)
        shutil.copytree(landed(self.raw, self.home / "var", folder), current)
        selected = selected or tuple("+" + mart for mart in MARTS)
        dbt(current, PROJECT / "dbt_project", self.parsed, self.home / "target", "build", "--exclude",
            "resource_type:unit_test", "--select", *selected, history=self.home / "history.duckdb")  # fmt: skip
        marts = folder / "marts.duckdb"
        if (current / "marts.duckdb").exists():
            shutil.copy(current / "marts.duckdb", marts)
        return marts

    def months_read(self, model: str) -> set[str]:
        """The months that a model asked its deliveries for in the last night."""
        [path] = (self.home / "target" / "compiled").rglob(f"{model}.sql")
        return set(re.findall(r"'(20\d\d-\d\d)'", path.read_text(encoding="utf-8")))


def rows(marts: Path, table: str) -> list[tuple]:
    connection = duckdb.connect()
    connection.execute(f"attach '{marts}' as built (read_only)")
    return connection.execute(f"select * from built.marts.{table} order by all").fetchall()


@pytest.fixture(scope="module")
def ledgers(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Ledgers:
    found = Ledgers(tmp_path_factory.mktemp("history"), shared_folder / "parsed")
    shutil.copytree(PROJECT / "raw" / "regions", found.raw / "regions")
    os.environ["CARESTAT_KEY_FILE"] = str(found.home.parent / "history-key")
    return found


def test_only_changed_months_are_read_and_the_marts_are_those_of_a_full_build(ledgers: Ledgers) -> None:
    history = ledgers.home / "history.duckdb"
    for month in ("2025-01", "2025-02"):
        ledgers.deliver(month)
    ledgers.built("first")
    assert ledgers.months_read("ledger_entry") == {"2025-01", "2025-02"}

    # a month is new, an old one put right: rows go, a payment to a person goes, another month's payment_id comes twice
    ledgers.deliver("2025-03")
    header, *old = ledgers.lines("2025-02")
    persons = [line for line in old if ",个人," in line]
    facility = next(line for line in ledgers.lines("2025-01")[1:] if ",机构," in line)
    kept = [line for line in old[3:] if line not in persons[:2]]
    ledgers.ledger("2025-02").write_text("\n".join([header, *kept, facility]) + "\n", encoding="utf-8")
    put_right = ledgers.built("put_right")
    assert ledgers.months_read("ledger_entry") == {"2025-02", "2025-03"}
    assert ledgers.months_read("entitlement_month") == {"2025-03"}
    repeated = [row for row in rows(put_right, "subsidy_audit") if "paid_twice" in row]
    assert repeated, "the payment_id of January that February holds too is found"

    # a night dies over another content of February and a new month; then February is as it was, the month withdrawn
    before = ledgers.ledger("2025-02").read_text(encoding="utf-8")
    ledgers.ledger("2025-02").write_text("\n".join([header, *kept[10:]]) + "\n", encoding="utf-8")
    ledgers.deliver("2025-04")
    ledgers.built("died", "+ledger_entry", "+ledger_payment_key", "+entitlement_month")
    assert ledgers.months_read("ledger_entry") == {"2025-02", "2025-04"}
    ledgers.ledger("2025-02").write_text(before, encoding="utf-8")
    for path in ledgers.raw.glob("*/2025-04"):
        shutil.rmtree(path)

    # a month is withdrawn
    ledgers.ledger("2025-03").unlink()
    withdrawn = ledgers.built("withdrawn")
    kept_marts = {name: {mart: rows(path, mart) for mart in MARTS} for name, path in
                  (("put_right", put_right), ("withdrawn", withdrawn))}  # fmt: skip

    history.unlink()
    anew = ledgers.built("anew")
    assert ledgers.months_read("ledger_entry") == {"2025-01", "2025-02"}
    for mart in MARTS:
        assert kept_marts["withdrawn"][mart] == rows(anew, mart), mart
        assert kept_marts["withdrawn"][mart], mart
    assert kept_marts["put_right"]["beneficiary"] != kept_marts["withdrawn"]["beneficiary"]
