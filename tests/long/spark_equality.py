"""`pytest tests/long/spark_equality.py` where pytest and pyspark are both installed: the same models on Apache Spark
give what DuckDB gives. A real session over one district's deliveries; some four minutes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import PROJECT
from pipelines.spark.equality import Equality, compare, keys_of, shown
from pipelines.spark.models import SparkFolder
from pipelines.spark.session import missing
from tests.integration.installation import Installation, deliver_small
from tests.models_run import dbt

pytestmark = pytest.mark.integration

needs_spark = pytest.mark.skipif(
    bool(missing()), reason=f"Spark needs {', '.join(missing())}: see requirements-spark.lock and docs/cluster.md"
)
MONTHS = ("2025-01", "2025-02")
#: marts that must hold rows, or the comparison would be one of nothing with nothing
TELLING = ("indicator_value", "document_indicator", "subsidy_audit", "subsidy_payment", "beneficiary", "bed_ledger")


@pytest.fixture(scope="module")
def made(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> SparkFolder:
    """The district's deliveries with two months of its subsidy ledger, built on Spark by the command; then on DuckDB
    from the same landed files, as build/marts.duckdb beside them."""
    installation = Installation.in_folder(tmp_path_factory.mktemp("spark"))
    deliver_small(installation.raw)
    for source in ("elderly_facilities", "childcare_facilities", "subsidy_ledger"):
        for month in MONTHS:
            target = installation.raw / source / month
            target.mkdir(parents=True)
            shutil.copy(PROJECT / "raw" / source / month / "500113.parquet", target)
    done = on_spark(installation, "build", "--cores", "1")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    made = SparkFolder(installation.var / "spark")
    dbt(made.build.folder, PROJECT / "dbt_project", shared_folder / "parsed", made.folder / "target", "build",
        "--exclude", "resource_type:unit_test")  # fmt: skip
    return made


def on_spark(installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m pipelines.spark` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines.spark", *arguments],
        cwd=PROJECT, env=installation.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip


def beside(made: SparkFolder, *changes: str) -> dict[str, Equality]:
    """The comparison with DuckDB's tables, after these statements were run on a copy of them: name → what differs."""
    copy = made.folder / "changed.duckdb"
    shutil.copy(made.build.marts, copy)
    with duckdb.connect(str(copy)) as connection:
        for change in changes:
            connection.execute(change)
    return {one.table: one for one in compare(copy, made.tables, keys_of(made.manifest))}


@needs_spark
def test_every_released_table_is_the_same_cell_by_cell(made: SparkFolder) -> None:
    """By the command, as an engineer asks: it prints the table of equality and its exit code says whether it holds."""
    told = subprocess.run(
        [sys.executable, "-m", "pipelines.spark", "compare", "--var", made.folder.parent, "--with", made.build.marts],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.rstrip().endswith("0 unlike")
    found = beside(made)
    assert shown(list(found.values())) == told.stdout.rstrip("\n")
    with duckdb.connect(str(made.build.marts), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('marts', 'reference')"
        ).fetchall()
    assert set(found) == {name for (name,) in tables}
    assert [name for name in TELLING if not found[f"marts.{name}"].rows] == []


@needs_spark
def test_what_differs_is_told(made: SparkFolder) -> None:
    """A count, a text, a missing row and a column of another type are unlike; so is a ratio beyond 1e-12, not below."""
    value = (
        "update marts.indicator_value set value = value * {} where (region_code, period, indicator_key, variant) = ({})"
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{made.build.marts}' as one (read_only)")
        key = connection.execute(
            "select region_code, period, indicator_key, variant from one.marts.indicator_value"
            " where value > 0 order by all"
        ).fetchone()
    assert key
    one = ", ".join(f"'{part}'" for part in key)
    assert beside(made, value.format("(1 + 1e-14)", one))["marts.indicator_value"].holds
    found = beside(
        made,
        value.format("(1 + 1e-9)", one),
        "update marts.population set population = population + 1 where age_band = '0'",
        "delete from reference.measure where measure_key = (select min(measure_key) from reference.measure)",
        "alter table reference.norm alter value type double",
        "drop table marts.crosswalk",
    )
    assert found["marts.indicator_value"].unlike == 1
    assert found["marts.population"].rows_alone or found["marts.population"].unlike
    assert found["reference.measure"].rows_alone == 1
    assert found["reference.norm"].shape
    assert found["marts.crosswalk"].shape
    told = ("indicator_value", "population", "measure", "norm", "crosswalk")
    assert {name.partition(".")[2] for name, one_ in found.items() if not one_.holds} == set(told)
