"""The checks of the subsidies' marts, and their release as Parquet, in a process of its own: seconds and peak memory.

usage: one_check.py FOLDER [FORMER] [--export]: FOLDER is that of a build, FORMER the marts of the night before, with
what its checks found. As in a night, Great Expectations is imported before the clock runs.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from pipelines.checks.expect import preload
from pipelines.checks.run import run_checks
from pipelines.checks.scope import NOTHING_STANDS, Standing
from pipelines.checks.suite import SUITES_DIR
from pipelines.database import opened
from pipelines.warehouse.build import Build
from pipelines.warehouse.export import export_parquet
from pipelines.warehouse.kept import standing
from pipelines.warehouse.ops import create_ops

SUITES = ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence", "beneficiary")


def suites(folder: Path, but_unique: bool) -> Path:
    """The suites of these marts, perhaps without what looks for repeated keys."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in SUITES:
        document: dict[str, Any] = yaml.safe_load((SUITES_DIR / f"{name}.yml").read_text(encoding="utf-8"))
        for batch in document["batches"]:
            batch["expectations"] = [
                item for item in batch["expectations"] if not (but_unique and "unique" in item["type"])
            ]
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def _with_ops(build: Build) -> None:
    with opened(build.spill, build.marts, read_only=False) as connection:
        connection.execute("create schema if not exists ops")
        create_ops(connection, "ops", build)


def main(folder: Path, former: Path | None, exports: bool) -> dict[str, object]:
    build = Build(folder)
    (build.ops / "check_result.this.parquet").unlink(missing_ok=True)
    _with_ops(build)
    preload()
    stands: Standing = standing(build) if former else NOTHING_STANDS
    taken: dict[str, object] = {}
    for name, but_unique in (("but_unique", True), ("checks", False)):
        asked = suites(folder / "suites", but_unique)
        began = time.perf_counter()
        outcome = run_checks(build.marts, former, asked, None, stands)
        taken[name] = time.perf_counter() - began
    outcome.to_polars().write_parquet(build.ops / "check_result.this.parquet")
    _with_ops(build)
    taken["failed"] = [f"{result.suite}.{result.check}: {result}" for result in outcome.failures]
    if exports:
        shutil.rmtree(folder / "parquet", ignore_errors=True)
        began = time.perf_counter()
        export_parquet(build.marts, folder / "parquet")
        taken["export"] = time.perf_counter() - began
    return taken


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:] if argument != "--export"]
    told = main(paths[0], paths[1] if len(paths) > 1 else None, "--export" in sys.argv)
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps(told | {"peak_mb": int(peak.split()[1]) // 1024}))
