"""One released warehouse of the shipped deliveries, made by a real nightly run and shared by all tests that read it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipelines.settings import PROJECT, Settings
from pipelines.warehouse import read
from pipelines.warehouse.dbt_process import manifest, parsed_folder


@dataclass(frozen=True)
class Warehouse:
    """An installation in a test's own folder: what it reads, what it writes, and the key of its identifiers."""

    raw: Path
    var: Path
    key: Path
    dbt_project: Path = PROJECT / "dbt_project"
    expectations: Path = PROJECT / "expectations"

    @property
    def settings(self) -> Settings:
        return Settings(self.raw, self.var, self.dbt_project, self.expectations)

    def environment(self) -> dict[str, str]:
        folders = {"RAW": self.raw, "VAR": self.var, "DBT_PROJECT": self.dbt_project, "EXPECTATIONS": self.expectations}
        named = {f"CARESTAT_{name}": str(folder) for name, folder in folders.items()}
        return {**os.environ, **named, "CARESTAT_KEY_FILE": str(self.key)}

    def takes_parsed(self, parsed: Path) -> None:
        """Begin with the models parsed elsewhere: a parse is the same wherever an installation lies."""
        shutil.copytree(parsed_folder(replace(self.settings, var=parsed)), parsed_folder(self.settings))
        for path in (self.var, *self.var.rglob("*")):
            path.chmod(path.stat().st_mode & 0o750)  # as the command leaves it

    def nightly(self) -> None:
        """Run the command as an operator would; anything but a release is an error, told in the run's own words."""
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "nightly"],
            cwd=PROJECT, env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode or not self.settings.released.exists():
            raise AssertionError(f"nightly: exit {done.returncode}\n{done.stdout}{done.stderr}{self._failed_checks()}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one read-only statement on the released marts, as statisticians get them."""
        return read.query(read.released_file(self.settings), sql)[1]

    def records(self, sql: str) -> list[dict[str, Any]]:
        """The same rows, each as a mapping from column to value."""
        names, rows = read.query(read.released_file(self.settings), sql)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def actual(self, document_key: str, period: str) -> dict[int, float | None]:
        """Row number in the document's printed table of indicators → the figure computed for a year."""
        rows = self.rows(
            "select row_no, actual_value from marts.document_indicator"
            f" where document_key = '{document_key}' and period = '{period}' and row_kind = 'indicator'"
        )
        return dict(rows)

    def _failed_checks(self) -> str:
        if not self.settings.ops.exists():
            return ""
        return str(read.query(self.settings.ops, "select suite, detail, error from check_result where not success")[1])


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this test session, the same one for all xdist workers."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def parsed(shared_folder: Path) -> Path:
    """Where the project's models, parsed once for all workers, are kept as in an installation's var/. Nights over other
    models (test_one_cell, scenarios/together) parse theirs themselves, as a first night does."""
    folder = shared_folder / "parsed"
    manifest(Settings(PROJECT / "raw", folder, PROJECT / "dbt_project", PROJECT / "expectations"))
    return folder


@pytest.fixture(scope="session")
def shipped(shared_folder: Path, parsed: Path) -> Warehouse:
    """The deliveries that ship with the project, landed, computed, checked and released. Read it, never write to it."""
    folder = shared_folder / "shipped"
    warehouse = Warehouse(PROJECT / "raw", folder / "var", folder / "key")
    with FileLock(shared_folder / "shipped.lock"):
        failure = folder / "failure"
        if failure.exists():
            pytest.fail(failure.read_text(encoding="utf-8"), pytrace=False)
        if not warehouse.settings.released.exists():
            folder.mkdir(exist_ok=True)
            warehouse.takes_parsed(parsed)
            try:
                warehouse.nightly()
            except AssertionError as failed:
                failure.write_text(str(failed), encoding="utf-8")
                raise
    return warehouse
