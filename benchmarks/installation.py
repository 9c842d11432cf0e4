"""An installation of the measurement's own: raw/ and var/ in a folder, the shipped registry with programmes beside it,
and nights of the real command in them."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.landing_floor import unlike
from benchmarks.ledger_bench import PROGRAMMES
from benchmarks.ledger_deliveries import LEDGER, REGISTERS, Store
from benchmarks.nightly import RESULTS, STEP
from benchmarks.watched import Watched, watched
from pipelines.settings import PROJECT

#: valid when the first of the deliveries is paid
VALID_FROM = "2021-01-01"
#: writes the modules that a night with nothing delivered has imported when it ends, in the order of their import
TELL_IMPORTS = """
import atexit, json, pathlib, sys
def tell():
    named = [name for name, module in list(sys.modules.items()) if getattr(module, "__spec__", None)]
    pathlib.Path(sys.argv[1]).write_text(json.dumps(named))
atexit.register(tell)
from pipelines.cli import main
main(["nightly"])
"""
IMPORT = """
import importlib, json, pathlib, sys
for name in json.loads(pathlib.Path(sys.argv[1]).read_text()):
    importlib.import_module(name)
"""

NightTaken = dict[str, Any]


class Installation:
    """`base` keeps what the first night left, so that later nights can go on from it several times."""

    def __init__(self, folder: Path, store: Store, memory: str) -> None:
        self._folder, self._store = folder, store
        self.raw, self.var, self.base = folder / "raw", folder / "var", folder / "base"
        self._project = folder / "dbt_project"
        self.environment = {
            "CARESTAT_RAW": str(self.raw), "CARESTAT_VAR": str(self.var), "CARESTAT_KEY": "development",
            "CARESTAT_DBT_PROJECT": str(self._project), "CARESTAT_MEMORY": memory,
        }  # fmt: skip

    # deliveries

    def begin(self, months: int) -> None:
        """Nothing made, so many months delivered."""
        shutil.rmtree(self.var, ignore_errors=True)
        self._write_project()
        self._store.begin(self.raw)
        self.deliver(range(months))

    def deliver(self, months: range) -> None:
        self._store.deliver(self.raw, months)

    def deliver_correction(self, month: int) -> None:
        self._store.deliver_correction(self.raw, month)

    def _write_project(self) -> None:
        """The shipped models, and programmes under which a whole province is paid."""
        shutil.rmtree(self._project, ignore_errors=True)
        shutil.copytree(PROJECT / "dbt_project", self._project, ignore=shutil.ignore_patterns("target", "logs"))
        path = self._project / "seeds" / "subsidy_programmes.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as lines:
            rows = [programme | {"valid_from": VALID_FROM} for programme in PROGRAMMES]
            csv.DictWriter(lines, columns, lineterminator="\n").writerows(rows)

    # what a night left

    def keep(self) -> None:
        """Keep var/ as it is now."""
        making = self.base.with_name("keeping")
        shutil.rmtree(making, ignore_errors=True)
        _copy(self.var, making)
        os.rename(making, self.base)
        os.sync()

    def begin_again(self, months: int) -> None:
        """Var/ as it was kept, with the deliveries of that night; on disk, so that no night that is measured waits for
        the writing of gigabytes that it did not write."""
        self.begin(months)
        _copy(self.base, self.var)
        os.sync()

    def forget(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    # nights

    def night(self, releases: bool = True) -> NightTaken:
        """One run of the command, and where its time went; raises SystemExit unless it releases all that was delivered,
        or nothing where nothing was."""
        log, current = self.var / "logs" / "dbt.log", self.var / "warehouse" / "current"
        before = os.readlink(current) if current.is_symlink() else ""
        told = watched(["-m", "pipelines.cli", "nightly"], self.environment)
        if told.status or (os.readlink(current) != before) != releases:
            raise SystemExit(f"nightly: exit {told.status}\n{told.said}")
        figures = _figures(told)
        if not releases:
            return figures
        self._compare()
        return figures | {"nodes": _nodes(log), "kept_mb": _megabytes(self.var / "warehouse")}

    def _compare(self) -> None:
        """Every payment that stands was landed; nothing was refused."""
        with duckdb.connect(str(self.var / "warehouse" / "ops.duckdb"), read_only=True) as ops:
            [(landed, refused)] = ops.execute(
                "select sum(landed) filter (path like ?), sum(quarantined) from reconciliation", [f"{LEDGER}/%"]
            ).fetchall()
        delivered = self._store.rows(self.raw)
        if (landed, refused) != (delivered, 0):
            raise SystemExit(f"{delivered} payments delivered, {landed} landed; {refused} rows refused")

    def bare_start(self) -> NightTaken:
        """A process that imports what a night with nothing delivered imports, and does nothing."""
        listed = self._folder / "imports.json"
        watched(["-c", TELL_IMPORTS, str(listed)], self.environment)
        told = watched(["-c", IMPORT, str(listed)], self.environment)
        if told.status:
            raise SystemExit(told.said)
        return _figures(told) | {"modules": len(json.loads(listed.read_text()))}

    def floor(self) -> NightTaken:
        """The subsidies by hand from what the first night landed, in a process of its own, under the same memory."""
        landed = self._landed()
        database = self._folder / "floor.duckdb"
        told = self._by_hand(
            "ledger_floor", {source: landed[source] for source in (LEDGER, *REGISTERS, "regions")}, database
        )
        database.unlink()
        return told

    def landing_floor(self) -> NightTaken:
        """Landing of the ledger by hand from what was delivered. Raises SystemExit where its rows are others."""
        landed, delivered, folder = self._landed(), self._store.standing(self.raw), self._folder / "by_hand"
        registers = [file for source in REGISTERS for file in landed[source]]
        shutil.rmtree(folder, ignore_errors=True)
        files = {"ledger": delivered, "landed": {"registers": registers, "regions": landed["regions"]}}
        told = self._by_hand("landing_floor", files, folder)
        by_month = {month: [file for file in landed[LEDGER] if Path(file).parent.name == month] for month in delivered}
        if months := unlike(folder, by_month):
            raise SystemExit(f"landed by hand and by the night differ: {months}")
        shutil.rmtree(folder)
        return told

    def _landed(self) -> dict[str, list[str]]:
        """The files that the release in service was made of, by source."""
        files: dict[str, list[str]] = {}
        kept = self.var / "warehouse" / "current" / "evidence.duckdb"
        with duckdb.connect(str(kept), read_only=True) as evidence:
            in_force = evidence.execute("select source, path from evidence.evidence.landed order by all").fetchall()
        for source, path in in_force:
            files.setdefault(source, []).append(str(self.var / path))
        return files

    def _by_hand(self, module: str, files: dict[str, Any], target: Path) -> NightTaken:
        told = self._folder / "floor.json"
        told.write_text(json.dumps(files), encoding="utf-8")
        limits = {
            "CARESTAT_DUCKDB_MEMORY": self.environment["CARESTAT_MEMORY"],
            "CARESTAT_SPILL": str(self._folder / "spill"),
            "CARESTAT_KEY": self.environment["CARESTAT_KEY"],
        }
        run = watched(["-m", f"benchmarks.{module}", str(told), str(target)], limits)
        if run.status:
            raise SystemExit(run.said)
        return _figures(run)


def _figures(told: Watched) -> NightTaken:
    """Seconds by step: the command's own lines say when each ended and how long it took."""
    steps: dict[str, float] = {}
    last = 0.0
    for second, line in told.lines:
        if found := STEP.search(line):
            steps = steps or {"start": second - float(found[2])}
            steps[found[1]] = float(found[2])
            last = second
    if steps:
        steps["end"] = told.seconds - last
    return {
        "seconds": told.seconds, "steps": steps, "processor_seconds": told.processor_seconds, "peak_mb": told.peak_mb
    }  # fmt: skip


def _nodes(log: Path) -> dict[str, float]:
    """Execution seconds of the slowest nodes of the last invocation in dbt's log, which goes on in a second file."""
    texts = [path.read_text(encoding="utf-8") for path in (log.with_name(f"{log.name}.1"), log) if path.exists()]
    events = [json.loads(line) for line in "".join(texts).splitlines() if line.startswith("{")]
    last = events[-1]["info"]["invocation_id"]
    seconds: dict[str, float] = {}
    for event in events:
        if event["info"]["invocation_id"] == last and event["info"]["name"] in RESULTS:
            seconds[event["data"]["node_info"]["node_name"]] = event["data"]["execution_time"]
    return dict(sorted(seconds.items(), key=lambda item: -item[1])[:40])


def _megabytes(folder: Path) -> dict[str, float]:
    """Of what a night goes on from."""
    released = folder / "marts.duckdb"
    files = {"marts": released, **{path.name.partition("-")[0]: path for path in (folder / "history").glob("*.duckdb")}}
    return {name: path.stat().st_size / 1e6 for name, path in files.items()}


def _copy(source: Path, target: Path) -> None:
    """What is never changed in place (landed files, releases) is linked, the rest copied."""

    def copy(one: str, other: str) -> None:
        parts = Path(one).relative_to(source).parts
        if parts[:2] in (("landing", "landed"), ("warehouse", "releases")) and parts[-1] != "release.json":
            os.link(one, other)
        else:
            shutil.copy2(one, other)

    shutil.copytree(source, target, symlinks=True, copy_function=copy)
