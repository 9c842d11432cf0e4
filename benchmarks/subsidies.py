"""`python -m benchmarks.subsidies [ROUNDS]`: what the subsidy models cost on a ledger of 20 million payments, beside
the same in SQL written by hand, and what one more month costs on a short and on a long history.

Writes RESULTS-subsidies.md. Needs some 8 GB of disk and half an hour on two quiet cores; the ledger is made in a
temporary folder.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from benchmarks.ledger_history import History
from benchmarks.ledger_registers import FORGOTTEN, period_of
from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.landing.results import DELIVERY
from pipelines.settings import PROJECT
from pipelines.warehouse.build import Build
from pipelines.warehouse.dbt_process import QUIET

ROWS_A_MONTH, SHORT, LONG = 833_334, 12, 24
RESULTS = Path(__file__).with_name("RESULTS-subsidies.md")
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


class Bench:
    """A made ledger in one folder, and builds over its first so many months in fresh processes."""

    def __init__(self, home: Path, rows_a_month: int, months: int) -> None:
        self.home, self.landing = home, home / "var" / "landing"
        self.project, self.target, self.current = home / "dbt_project", home / "target", home / "current"
        os.environ.setdefault("CARESTAT_KEY", "development")
        self._regions = self._landed_regions()
        self._history = History(rows_a_month)
        for month in range(months + 1):
            self._history.write(self.landing, month)
        kept_out = shutil.ignore_patterns("target", "logs")
        shutil.copytree(PROJECT / "dbt_project", self.project, ignore=kept_out, dirs_exist_ok=True)
        self._add_programmes()

    def _landed_regions(self) -> Landing:
        raw = self.home / "raw"
        shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
        landing = Landing(raw=raw, var=self.home / "var")
        landing.land("regions")
        return landing

    def _add_programmes(self) -> None:
        path = self.project / "seeds" / "subsidy_programmes.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, columns, lineterminator="\n").writerows(PROGRAMMES)

    # builds

    def prepared(self, months: int) -> None:
        """The folder of a night over so many months, all made in it that the subsidy models build on."""
        build = Build(self.home / "night")
        build.start()
        for source in SOURCES:
            landed = self._regions.land(source)
            files, delivery = landed.files, landed.delivery
            if source in LEDGERS:
                files = sorted((self.landing / "landed" / source).glob("*/*.parquet"))[:months]
                delivery = self._deliveries(source, months)
            nothing_refused = delivery.select("path", pl.lit(0, dtype=pl.Int64).alias("quarantined"))
            build.record(source, {"delivery": delivery, "reconciliation": nothing_refused})
            build.record_landed(source, files)
        build.open_landing({source: self._regions.empty(source) for source in SOURCES})
        shutil.rmtree(self.current, ignore_errors=True)  # one name, or dbt parses everything anew
        build.folder.rename(self.current)
        before = [f"+{mart}" for mart in MARTS]
        self._dbt(["build", "--select", *before, "--exclude", "path:models/subsidies", *MARTS,
                   "resource_type:test", "resource_type:unit_test"], self.home / "unused.duckdb")  # fmt: skip

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

    def history(self, months: int) -> Path:
        """Where the months stay that were built first over so many."""
        return self.home / f"history_{months}.duckdb"

    def rows(self, months: int) -> int:
        """Payments in so many months."""
        files = sorted((self.landing / "landed" / "subsidy_ledger").glob("*/*.parquet"))[:months]
        return pl.scan_parquet(files).select(pl.len()).collect().item()

    def models(self, history: Path) -> dict:
        """One run of the subsidy models alone, on what is kept in `history`."""
        kept = (f"+{name},path:models/subsidies" for name in MARTS)
        return self._dbt(["run", "--select", *MARTS, *kept], history)

    def _dbt(self, arguments: list[str], history: Path) -> dict:
        places = {"CARESTAT_BUILD": str(self.current), "CARESTAT_HISTORY": str(history)}
        return _measured("benchmarks.one_build", self.project, self.target, *arguments, **places)

    def floor(self, months: int) -> dict:
        """The same by hand, over the same files."""
        return _measured("benchmarks.ledger_floor", self.landing, self.home / "floor.duckdb", months)

    def differences(self) -> dict[str, int]:
        """Rows that one of the last build and the last floor has and the other has not, by table."""
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


def main(rounds: int) -> None:
    """Measure everything in turn, `rounds` times, and write the medians down."""
    load = os.getloadavg()[0]
    taken: dict[str, list[dict]] = {}
    unequal: dict[str, int] = {}
    with TemporaryDirectory(prefix="carestat-bench-") as folder:
        bench = Bench(Path(folder), ROWS_A_MONTH, LONG)
        rows = bench.rows(LONG)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            for name, run in measure(bench).items():
                taken.setdefault(name, []).append(run)
            if number == 0:  # what came of a night on a kept history is what one SQL over everything gives
                bench.floor(LONG + 1)
                unequal = bench.differences()
        kept = bench.history(LONG).stat().st_size
    RESULTS.write_text(report(taken, rows, unequal, kept, load), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def measure(bench: Bench) -> dict[str, dict]:
    """One round; the last build is that of the long history with one more month."""
    for months in (SHORT, LONG):
        bench.history(months).unlink(missing_ok=True)
    bench.prepared(SHORT)
    bench.models(bench.history(SHORT))
    bench.prepared(LONG)
    taken = {"floor": bench.floor(LONG), "whole": bench.models(bench.history(LONG))}
    for name, months in (("short", SHORT), ("long", LONG)):
        bench.prepared(months + 1)
        taken[name] = bench.models(bench.history(months))
    return taken


def report(taken: dict[str, list[dict]], rows: int, unequal: dict[str, int], kept: int, load: float) -> str:
    def middle(name: str, what: str) -> float:
        return median(run[what] for run in taken[name])

    def ratio(name: str, what: str, beside: str, other: str) -> float:
        pairs = zip(taken[name], taken[beside], strict=True)
        return median(ours[what] / bare[other] for ours, bare in pairs)

    def steps(name: str) -> list[str]:
        by_step = {step: median(run["steps"][step] for run in taken[name]) for step in taken[name][0]["steps"]}
        slowest = sorted(by_step.items(), key=lambda item: -item[1])
        return [f"| {step} | {seconds:.1f} |" for step, seconds in slowest if seconds >= 0.05]

    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    different = sum(unequal.values())
    listed = ", ".join(f"{name} {count:,}" for name, count in unequal.items() if count)
    return "\n".join(
        [
            "# What the subsidy models cost",
            "",
            f"`make bench-subsidies`, {datetime.now(UTC):%Y-%m-%d}, {machine}; medians of {len(taken['whole'])} rounds,"
            f" each measurement in a fresh process. Load average when it began: {load:.1f}.",
            "",
            "| subsidy models: from the first one's start to the last one's end | seconds | beside | seconds | ratio"
            " | target |",
            "|---|---:|---|---:|---:|---:|",
            f"| aggregate and audit {rows:,} payments of {LONG} months, nothing kept | {middle('whole', 'models'):.1f}"
            f" | the same in SQL written by hand | {middle('floor', 'seconds'):.1f}"
            f" | {ratio('whole', 'models', 'floor', 'seconds'):.2f} | ≤ 1.5 |",
            f"| one more month on a history of {LONG} | {middle('long', 'models'):.1f} | on a history of {SHORT}"
            f" | {middle('short', 'models'):.1f} | {ratio('long', 'models', 'short', 'models'):.2f} | ≤ 1.3 |",
            "",
            "- The month was added to the history that the first measurement kept, and its marts are compared with the"
            f" SQL over all {LONG + 1} months: "
            + (
                f"DIFFERENT ROWS: {listed}."
                if different
                else "payments and dues to the cent, findings and distinct persons are equal in every row."
            ),
            f"- Around the models stands what dbt needs to start and to close: {overhead(taken['whole']):.1f} s of"
            f" {middle('whole', 'seconds'):.1f} in all, {overhead(taken['long']):.1f} s of"
            f" {middle('long', 'seconds'):.1f} for one more month. A night pays for it once, for all its models.",
            f"- Seconds of all models added up (two at a time):"
            f" {median(sum(run['steps'].values()) for run in taken['whole']):.1f}; for one more month"
            f" {median(sum(run['steps'].values()) for run in taken['long']):.1f}.",
            f"- Peak memory: {middle('whole', 'peak_mb') / 1024:.1f} GiB, by hand"
            f" {middle('floor', 'peak_mb') / 1024:.1f}; one more month {middle('long', 'peak_mb') / 1024:.1f}."
            f" The kept history is {kept / 1e9:.1f} GB.",
            *(
                line
                for title, name in (
                    ("| model, nothing kept | seconds |", "whole"),
                    ("| model, one more month on a long history | seconds |", "long"),
                    ("| by hand | seconds |", "floor"),
                )
                for line in ("", title, "|---|---:|", *steps(name))
            ),
            "",
        ]
    )


def overhead(runs: list[dict]) -> float:
    return median(run["seconds"] - run["models"] for run in runs)


if __name__ == "__main__":
    main(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 3)
