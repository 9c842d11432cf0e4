"""An invented country in one folder: its deliveries, landed for real, and a build of the models over them.

What several measurements need is made once: a folder with its mark is taken as it is.
usage: country.py FOLDER ACCOUNT SIZE: makes and lands the deliveries in a process of its own, the account tells how.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.invented.size import Size
from pipelines.settings import PROJECT
from pipelines.warehouse.dbt_process import QUIET

#: the sixteenths of the nation that are measured
WHOLE = Size(years=12)
TINY = Size(
    counties=8, towns=24, years=1, communities=60, elderly_facilities=40, childcare_facilities=60, assisted=40,
    visited=30, residential_projects=40, construction_projects=20,
)  # fmt: skip
#: counts of things that follow the number of counties
SCALED = tuple(name for name in asdict(WHOLE) if name not in ("years", "last_year", "fund_entries", "ledger_months"))


def sixteenths(parts: int) -> Size:
    """The nation with so many sixteenths of its counties, towns and everything in them."""
    whole = asdict(WHOLE)
    return Size(**whole | {name: whole[name] * parts // 16 for name in SCALED})


class Country:
    """`folder`/raw as delivered, `folder`/var landed, `folder`/current the files of a build."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        self.raw, self.var, self.current = folder / "raw", folder / "var", folder / "current"
        self.marts = self.current / "marts.duckdb"
        self.account: dict[str, Any] = self._made()

    def _made(self) -> dict[str, Any]:
        """Deliveries made and landed; how many rows and how long that took. Refused rows are an error."""
        account = self.folder / "account.json"
        if not account.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            own_process("benchmarks.country", self.folder, account, json.dumps(asdict(self.size)))
        return json.loads(account.read_text())

    def prepare(self) -> None:
        """An empty build over what landed, under the one name that keeps dbt from parsing anew."""
        from pipelines.contracts import SOURCES
        from pipelines.landing.land import Landing
        from pipelines.warehouse.build import Build

        os.environ.setdefault("CARESTAT_KEY", "development")
        landing, build = Landing(raw=self.raw, var=self.var), Build(self.folder / "night")
        landing.discover()
        build.start()
        for source in SOURCES:
            told = landing.land(source)
            build.record(source, {"delivery": told.delivery, "reconciliation": told.reconciliation})
            build.record_landed(source, told.files)
        build.open_landing({source: landing.empty(source) for source in SOURCES})
        shutil.rmtree(self.current, ignore_errors=True)
        build.folder.rename(self.current)

    def landed(self, source: str) -> list[str]:
        """The landed files of a source in the prepared build."""
        return json.loads((self.current / "landed" / f"{source}.json").read_text())

    def dbt(self, *arguments: str) -> dict[str, Any]:
        """One dbt run over the build in a process of its own: seconds, seconds by model, peak memory."""
        target = self.folder.parent / "target"
        variables = {"CARESTAT_BUILD": str(self.current), "CARESTAT_HISTORY": str(self.folder / "history.duckdb")}
        return own_process("benchmarks.one_build", PROJECT / "dbt_project", target, *arguments, **variables)


@contextmanager
def opened(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts, read-only, under another name than their schema's."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as carestat (read_only)")
        connection.execute("use carestat")
        yield connection


def own_process(module: str, *arguments: object, **variables: str) -> dict[str, Any]:
    """Run a module in a fresh process; the JSON of its last line. Ends the measurement with its words if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT, env={**os.environ, **QUIET, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{module}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def peak_mb() -> int:
    """Peak memory of this process; not ru_maxrss, which begins with the memory of the process that started it."""
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(peak.split()[1]) // 1024


def make(folder: Path, account: Path, size: Size) -> dict[str, Any]:
    """Make the deliveries and land them."""
    from benchmarks.generate import generate
    from pipelines.contracts import SOURCES
    from pipelines.landing.land import Landing

    os.environ.setdefault("CARESTAT_KEY", "development")
    began = time.perf_counter()
    rows = generate(folder / "raw", size)
    made = time.perf_counter()
    landing = Landing(raw=folder / "raw", var=folder / "var")
    landing.discover()
    landed = {source: landing.land(source).rows for source in SOURCES}
    if landed != rows:
        raise SystemExit(f"not every made row has landed: {landed} of {rows}")
    told = {"rows": sum(rows.values()), "seconds_made": made - began, "seconds_landed": time.perf_counter() - made,
            "peak_mb": peak_mb()}  # fmt: skip
    account.write_text(json.dumps(told))
    return told


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), Path(sys.argv[2]), Size(**json.loads(sys.argv[3])))))
