"""Nights over the invented ledger: the subsidy models alone, in fresh processes, on what earlier nights kept."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.ledger_history import DISTRICT, History
from benchmarks.ledger_registers import FORGOTTEN, period_of
from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.landing.results import DELIVERY
from pipelines.landing.store import write_frame
from pipelines.settings import PROJECT
from pipelines.warehouse.build import Build
from pipelines.warehouse.dbt_process import QUIET
from pipelines.warehouse.kept import drop_others, go_on

MARTS = ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence", "beneficiary")
LEDGERS = ("subsidy_ledger", "elderly_facilities", "childcare_facilities")
#: programmes beside those of the documents, so that a whole province is paid under them
PROGRAMMES = [
    {"programme_code": code, "kind": "subsidy", "name_zh": name, "scope_region": "520000", "clause": "", "payee": payee,
     "register": register, "base_zh": base_zh, "base_unit": "人", "base_expression": base, "unit_amount": amount,
     "conditions": conditions, "frequency": "monthly", "valid_from": "2022-01-01", "reading_zh": name}
    for code, name, payee, register, base_zh, base, amount, conditions in (
        ("BENCH-AGE", "高龄津贴", "person", "", "人月", "", "100", ""),
        ("BENCH-CARE", "护理补贴", "person", "", "人月", "", "60", ""),
        ("BENCH-BED", "养老床位补贴", "facility", "elderly_facilities", "在院人数", "residents", "100",
         "is_institution|occupancy_half"),
        ("BENCH-KID", "托位补贴", "facility", "childcare_facilities", "在托人数", "enrolled", "200",
         "in_service|inclusive"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Deliveries:
    """The first so many months, one of them perhaps as a county corrected it later."""

    months: int
    corrected: int | None = None


class Bench:
    """A made ledger in one folder, made once, and builds over its first so many months in fresh processes.

    `limits` are variables of the environment that bound a build, as a night sets them.
    """

    def __init__(self, home: Path, rows_a_month: int, limits: dict[str, str] | None = None) -> None:
        self.home, self.landing = home, home / "var" / "landing"
        self.project, self.target, self.current = home / "dbt_project", home / "target", home / "current"
        self._limits = limits or {}
        os.environ.setdefault("CARESTAT_KEY", "development")
        self._regions = self._landed_regions()
        self._history = History(rows_a_month)
        shutil.rmtree(self.project, ignore_errors=True)
        shutil.copytree(PROJECT / "dbt_project", self.project, ignore=shutil.ignore_patterns("target", "logs"))
        self._add_programmes()

    def _landed_regions(self) -> Landing:
        raw = self.home / "raw"
        shutil.copytree(PROJECT / "raw" / "regions", raw / "regions", dirs_exist_ok=True)
        landing = Landing(raw=raw, var=self.home / "var")
        landing.land("regions")
        return landing

    def _add_programmes(self) -> None:
        path = self.project / "seeds" / "subsidy_programmes.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, columns, lineterminator="\n").writerows(PROGRAMMES)

    # deliveries

    def make(self, months: int) -> None:
        """Land so many months, as far as they are not there."""
        for month in range(months):
            if not all(self._landed(source, month) for source in LEDGERS):
                self._history.write(self.landing, month)

    def _landed(self, source: str, month: int, landing: Path | None = None) -> list[Path]:
        return sorted(((landing or self.landing) / "landed" / source / period_of(month)).glob("*.parquet"))

    def correct(self, month: int) -> None:
        """Put right the ledger of one county in one month: a payment in eight is another one, one in fifty is gone."""
        [path] = self._landed("subsidy_ledger", month)
        rows = pl.read_parquet(path)
        county = rows.filter(pl.col("delivery_supplier") != DISTRICT)["county_code"].min()
        here, number = pl.col("county_code") == county, pl.col("delivery_row")
        again = rows.filter(~here | (number % 50 != 0)).with_columns(
            amount=pl.when(here & (number % 8 == 0)).then(pl.col("amount") + pl.col("unit_amount")).otherwise("amount")
        )
        write_frame(self._corrections / "landed" / "subsidy_ledger" / period_of(month) / f"again-{path.name}", again)

    @property
    def _corrections(self) -> Path:
        return self.home / "corrected"

    def files(self, source: str, of: Deliveries) -> list[Path]:
        """The landed files in force."""
        found: list[Path] = []
        for month in range(of.months):
            corrected = month == of.corrected and source == "subsidy_ledger"
            found += self._landed(source, month, self._corrections if corrected else None)
        return found

    def rows(self, of: Deliveries) -> int:
        """Payments."""
        return pl.scan_parquet(self.files("subsidy_ledger", of)).select(pl.len()).collect().item()

    # builds

    def begin(self) -> None:
        """The next night has nothing to go on from."""
        for kept in self._kept(self.home):
            kept.unlink(missing_ok=True)

    def keep(self, name: str) -> None:
        """Keep what the last night left, to go on from it several times."""
        for kept in self._kept(self.home):
            (self.home / name).mkdir(exist_ok=True)
            shutil.copyfile(kept, self.home / name / kept.name)

    def go_on_from(self, name: str) -> None:
        """The files of that night again, and on disk: the history is changed in place, so the first checkpoint of a
        night would wait for the writing of a copy that only the measurement makes."""
        for kept in self._kept(self.home):
            shutil.copyfile(self.home / name / kept.name, kept)
        os.sync()

    @staticmethod
    def _kept(folder: Path) -> Iterable[Path]:
        return (folder / f"{name}.duckdb" for name in ("history", "marts", "work"))

    def night(self, of: Deliveries) -> dict:
        """One run of the subsidy models alone; all that they build on is made before."""
        history, *former = self._kept(self.home)
        build = Build(self.home / "night")
        build.start()
        if all(path.exists() for path in former):
            for path in former:
                shutil.copyfile(path, build.folder / path.name)
            go_on(build)
        for source in SOURCES:
            landed = self._regions.land(source)
            files, delivery = landed.files, landed.delivery
            if source in LEDGERS:
                files, delivery = self.files(source, of), self._deliveries(source, of.months)
            build.record(source, {"delivery": delivery, "reconciliation": self._reconciliation(delivery, files)})
            build.record_landed(source, files)
        build.open_landing({source: self._regions.empty(source) for source in SOURCES})
        shutil.rmtree(self.current, ignore_errors=True)  # one name, or dbt parses everything anew
        build.folder.rename(self.current)
        before = [f"+{mart}" for mart in MARTS]
        self._dbt(["build", "--select", *before, "--exclude", "path:models/subsidies", *MARTS,
                   "resource_type:test", "resource_type:unit_test"], self.home / "unused.duckdb")  # fmt: skip
        models = (f"+{name},path:models/subsidies" for name in MARTS)
        told = self._dbt(["run", "--select", *MARTS, *models], history)
        parsed = json.loads((self.target / "manifest.json").read_bytes())
        drop_others(Build(self.current), history, parsed["nodes"].values())
        for path in former:
            shutil.copyfile(self.current / path.name, path)
        return told | {"kept_mb": {path.stem: path.stat().st_size / 1e6 for path in (history, *former)}}

    def check(self, former: str | None = None, exports: bool = False) -> dict:
        """The checks of the last night, with what the night that was kept under this name found in mind."""
        told = _measured(
            "benchmarks.one_check", self.current, *([self.home / former / "marts.duckdb"] if former else []),
            *(["--export"] if exports else []), **self._limits,
        )  # fmt: skip
        shutil.copyfile(self.current / "marts.duckdb", self.home / "marts.duckdb")
        return told

    @staticmethod
    def _reconciliation(delivery: pl.DataFrame, files: list[Path]) -> pl.DataFrame:
        """Nothing was refused: rows landed by delivery."""
        nothing = pl.DataFrame(schema={"path": pl.String, "landed": pl.UInt32})
        landed = (
            pl.scan_parquet(files).group_by("delivery_path").agg(pl.len()).collect().rename(
                {"delivery_path": "path", "len": "landed"}
            )
            if files else nothing
        )  # fmt: skip
        return (
            delivery.select("path")
            .join(landed, on="path", how="left", maintain_order="left")
            .select(
                "path", pl.col("landed").fill_null(0).cast(pl.Int64), pl.lit(0, dtype=pl.Int64).alias("quarantined")
            )
        )

    def _deliveries(self, source: str, months: int) -> pl.DataFrame:
        suppliers = sorted(
            {s.supplier for s in self._history.stocks.values() if source in (s.source, "subsidy_ledger")}
        )
        rows = [
            {"source": source, "period": period_of(month), "supplier": supplier, "supplier_code": supplier,
             "revision": 1, "path": f"{source}/{period_of(month)}/{supplier}.parquet", "state": "landed",
             "standing": True}
            for month in range(months) for supplier in suppliers if (source, supplier, month) not in FORGOTTEN
        ]  # fmt: skip
        return pl.DataFrame(rows, DELIVERY)

    def _dbt(self, arguments: list[str], history: Path) -> dict:
        places = {"CARESTAT_BUILD": str(self.current), "CARESTAT_HISTORY": str(history)}
        return _measured("benchmarks.one_build", self.project, self.target, *arguments, **places, **self._limits)

    # the floor

    def floor(self, of: Deliveries) -> dict:
        """The same by hand, over the same files."""
        files = {source: list(map(str, self.files(source, of))) for source in LEDGERS}
        files["regions"] = list(map(str, (self.landing / "landed" / "regions").glob("*/*.parquet")))
        told = self.home / "floor.json"
        told.write_text(json.dumps(files), encoding="utf-8")
        return _measured("benchmarks.ledger_floor", told, self.home / "floor.duckdb", **self._limits)

    def differences(self) -> dict[str, int]:
        """Rows that one of the last night and the last floor has and the other has not, by table."""
        with duckdb.connect(str(self.home / "floor.duckdb"), read_only=True) as connection:
            connection.execute(f"attach '{self.current / 'marts.duckdb'}' as ours (read_only)")
            return {
                name: connection.execute(
                    f"select count(*) from ((from ({asked}) except all from ({by_hand})) union all"
                    f" (from ({by_hand}) except all from ({asked})))"
                ).fetchall()[0][0]
                for name, (asked, by_hand) in SAME.items()
            }


#: the columns in which both must agree: ours, by hand
SAME = {
    name: (f"select {columns} from ours.marts.{name}", f"select {by_hand or columns} from {table}")
    for name, table, columns, by_hand in (
        ("subsidy_payment", "payment",
         "programme_code, facility_id, region_code, period, paid_amount_yuan, gross_paid_yuan, returned_yuan,"
         " approved_yuan, paid_quantity, entries, repeated_entries, first_paid_on, last_paid_on", ""),
        ("subsidy_entitlement", "entitlement",
         "programme_code, facility_id, region_code, period, base_quantity, due_amount_yuan, register_path,"
         " register_row", ""),
        ("subsidy_audit", "audit",
         "programme_code, facility_id, region_code, period, due_amount_yuan, paid_amount_yuan, difference_yuan,"
         " finding", ""),
        ("beneficiary", "beneficiary", "programme_code, region_code, region_level, period, persons, conf_status", ""),
    )
}  # fmt: skip


def _measured(module: str, *arguments: object, **variables: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT, env={**os.environ, **QUIET, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{module}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
