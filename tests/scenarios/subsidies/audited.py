"""Registers and ledgers of a test, delivered as files, landed, and audited by the models: no night, no release.

A delivered table is a list of rows under the headings that suppliers write, with 报送期 before them: the month whose
file a row stands in. 区划代码 names the supplier. A row with no other cell filled makes its file, and no line in it.
"""

import csv
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import PROJECT
from pipelines.warehouse import read
from tests.models_run import dbt, landed

PERIOD, SUPPLIER = "报送期", "区划代码"
MODELS = ("+subsidy_audit", "+subsidy_evidence", "+beneficiary")

Row = Mapping[str, str]


def written(path: Path) -> list[dict[str, str]]:
    """The rows of a table of a test."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def deliver(tables: Iterable[tuple[str, Row]], raw: Path) -> None:
    """Write (source, row) as raw/<source>/<month>/<county>.csv, each file with the headings that its rows use."""
    files: dict[Path, list[dict[str, str]]] = {}
    for source, row in tables:
        path = raw / source / row[PERIOD] / f"{row[SUPPLIER]}.csv"
        files.setdefault(path, []).append({heading: cell for heading, cell in row.items() if heading != PERIOD})
    for path, rows in sorted(files.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        with path.open("w", encoding="utf-8", newline="") as stored:
            lines = csv.DictWriter(stored, headings, restval="", lineterminator="\n")
            lines.writeheader()
            lines.writerows(row for row in rows if any(cell for key, cell in row.items() if key != SUPPLIER))


@dataclass(frozen=True)
class Audited:
    """What the models made of the deliveries in `raw`."""

    raw: Path
    build: Path

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """One question on the marts."""
        names, rows = read.query(self.build / "marts.duckdb", sql)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def landed(self, sql: str) -> list[tuple[Any, ...]]:
        """One question on the landed rows, which stand in schema `landing`."""
        with duckdb.connect(str(self.build / "work.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def not_landed(self) -> list[tuple[Any, ...]]:
        """Files of which some row was refused, with their state."""
        return self.landed("select path, state from landing.delivery where state <> 'landed'")


def audited(
    folder: Path, tables: Iterable[tuple[str, Row]], parsed: Path, project: Path = PROJECT / "dbt_project"
) -> Audited:
    """Deliver, land and audit in `folder`, by the programmes of a dbt project."""
    raw = folder / "raw"
    shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
    deliver(tables, raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARESTAT_KEY_FILE", str(folder / "key"))
        patch.setenv("CARESTAT_DBT_PROJECT", str(project))
        build = landed(raw, folder / "var")
        told = ("build", "--exclude", "resource_type:unit_test", "--select", *MODELS)
        dbt(build, project, parsed, folder / "target", *told)
    return Audited(raw, build)
