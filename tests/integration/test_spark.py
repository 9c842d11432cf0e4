"""The same models on Apache Spark give what DuckDB gives, cell by cell: payments, entitlements and audit of the
subsidies, persons paid, registers, and all they depend on, over one district's deliveries. The marts of the indicators
take three times as long: `make spark` compares all there are.

Spark is installed in an environment of its own (`make .venv-spark/ready`, or that of CARESTAT_SPARK_PYTHON) and runs in
a process of that; what it left is compared here, without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.settings import PROJECT
from pipelines.spark.__main__ import main
from pipelines.spark.equality import Equality, compare, keys_of
from pipelines.spark.models import SparkFolder
from tests.integration.installation import Installation, deliver_small
from tests.models_run import dbt

PYTHON = Path(os.environ.get("CARESTAT_SPARK_PYTHON", PROJECT / ".venv-spark" / "bin" / "python"))
LACKING = [
    *([] if PYTHON.exists() else [f"{PYTHON} (make .venv-spark/ready)"]),
    *([] if shutil.which("java") or os.environ.get("JAVA_HOME") else ["Java 17 (openjdk-17-jre-headless)"]),
]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(LACKING), reason=f"Apache Spark needs {' and '.join(LACKING)}"),
]

MONTHS = ("2025-01", "2025-02")
CHOSEN = ("+subsidy_evidence", "+subsidy_audit", "+beneficiary", "+childcare_facility")
#: marts that must hold rows, or the comparison would be one of nothing with nothing
TELLING = ("subsidy_payment", "subsidy_entitlement", "subsidy_audit", "subsidy_evidence", "beneficiary",
           "childcare_facility")  # fmt: skip


@pytest.fixture(scope="module")
def made(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> SparkFolder:
    """The district's deliveries with two months of its subsidy ledger, built on Spark by the command; then on DuckDB
    from the same landed files, as build/marts.duckdb beside them."""
    installation = Installation.in_folder(tmp_path_factory.mktemp("spark"))
    deliver_small(installation.raw)
    for source in ("elderly_facilities", "childcare_facilities", "subsidy_ledger"):
        for month in MONTHS:
            target = installation.raw / source / month
            target.mkdir(parents=True)
            shutil.copy(PROJECT / "raw" / source / month / "500113.parquet", target)
    done = subprocess.run(
        [PYTHON, "-m", "pipelines.spark", "build", "--cores", "1", "--memory", "1g", *CHOSEN],
        cwd=PROJECT, env=installation.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    made = SparkFolder(installation.var / "spark")
    dbt(made.build.folder, PROJECT / "dbt_project", parsed, made.folder / "target", "build",
        "--select", *CHOSEN, "--exclude", "resource_type:unit_test")  # fmt: skip
    return made


def beside(made: SparkFolder, *changes: str) -> dict[str, Equality]:
    """The comparison with DuckDB's tables, after these statements were run on a copy of them: name → what differs."""
    copy = made.folder / "changed.duckdb"
    shutil.copy(made.build.marts, copy)
    with duckdb.connect(str(copy)) as connection:
        for change in changes:
            connection.execute(change)
    return {one.table: one for one in compare(copy, made.tables, keys_of(made.manifest))}


def test_every_table_is_the_same_cell_by_cell(made: SparkFolder) -> None:
    """By the command, as an engineer asks: it prints the table of equality and its exit code says whether it holds."""
    told = CliRunner().invoke(main, ["compare", "--var", str(made.folder.parent), "--with", str(made.build.marts)])
    assert told.exit_code == 0, told.output
    assert told.output.rstrip().endswith("0 unlike")
    found = beside(made)
    with duckdb.connect(str(made.build.marts), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('marts', 'reference')"
        ).fetchall()
    assert set(found) == {name for (name,) in tables}
    assert [name for name in TELLING if not found[f"marts.{name}"].rows] == []


def test_what_differs_is_told(made: SparkFolder) -> None:
    """A count, an amount, a missing row, a column of another type and a missing table are unlike; so is a double beyond
    1e-12, not below."""
    area = (
        "update marts.childcare_facility set floor_area_m2 = floor_area_m2 * {} where rowid ="
        " (select min(rowid) from marts.childcare_facility where floor_area_m2 > 0)"
    )
    just = beside(made, area.format("(1 + 1e-14)"))["marts.childcare_facility"]
    assert just.holds and just.last_digits == 1
    found = beside(
        made,
        area.format("(1 + 1e-9)"),
        "update marts.beneficiary set persons = persons + 1 where rowid = 0",
        "update marts.subsidy_payment set gross_paid_yuan = gross_paid_yuan + 0.01 where rowid = 0",
        "delete from reference.subsidy_programme where rowid = 0",
        "alter table marts.subsidy_entitlement alter register_row type integer",
        "drop table marts.subsidy_evidence",
    )
    assert found["marts.childcare_facility"].unlike == 1
    assert found["marts.beneficiary"].unlike == 1
    assert found["marts.subsidy_payment"].unlike == 1
    assert found["reference.subsidy_programme"].rows_alone == 1
    assert found["marts.subsidy_entitlement"].shape
    assert found["marts.subsidy_evidence"].shape
    told = (
        "childcare_facility",
        "beneficiary",
        "subsidy_payment",
        "subsidy_programme",
        "subsidy_entitlement",
        "subsidy_evidence",
    )
    assert {name.partition(".")[2] for name, one in found.items() if not one.holds} == set(told)
