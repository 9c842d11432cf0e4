"""Released Parquet: bytes that depend on the rows alone, and files that stay where their rows do."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.checks.scope import Standing
from pipelines.warehouse import export
from pipelines.warehouse.export import export_parquet

PERIODS = ["2025-01", "2025-02", "once", None]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two rows a period in `paid`, more than one file takes; as many rows without a period, and few with one."""
    monkeypatch.setattr(export, "ROWS_OF_ONE_FILE", 7)
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("create schema marts; create schema reference; create schema ops; use marts.marts")
        connection.execute("create table paid (period varchar, amount integer)")
        connection.executemany("insert into paid values (?, ?)", [(p, n) for n in (2, 1) for p in PERIODS])
        connection.execute("create table facility as select range as code from range(8)")
        connection.execute("create table reference.region as select '2025-01' as period, 7 as code")
        connection.execute("create table ops.delivery as select 1 as landed")
    return tmp_path / "marts.duckdb"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_a_large_table_is_a_folder_with_a_file_a_period(build: Path, tmp_path: Path) -> None:
    export_parquet(build, tmp_path / "first")
    assert list(files(tmp_path / "first")) == [
        "marts/facility.parquet", "marts/paid/2025-01.parquet", "marts/paid/2025-02.parquet",
        "marts/paid/none.parquet", "marts/paid/once.parquet", "reference/region.parquet",
    ]  # fmt: skip
    rows = pl.read_parquet(tmp_path / "first" / "marts" / "paid" / "*.parquet").rows()
    assert rows == [(period, n) for period in ("2025-01", "2025-02", None, "once") for n in (1, 2)]
    assert pl.read_parquet(tmp_path / "first" / "marts" / "facility.parquet").height == 8


def test_only_what_changed_is_written_again(build: Path, tmp_path: Path) -> None:
    """A period made since, and a table of which nothing is known; all bytes are those of a release made anew."""
    export_parquet(build, tmp_path / "first")
    with duckdb.connect(str(build)) as connection:
        connection.execute("use marts.marts")
        connection.execute("update paid set amount = 3 where period = 'once' and amount = 2")
        connection.execute("delete from paid where period = '2025-02'")
        connection.execute("insert into paid values ('2025-03', 1), ('2025-03', 2)")
    made = Standing(frozenset({"marts.facility"}), {"marts.paid": ["2025-02", "2025-03", "once"]})
    export_parquet(build, tmp_path / "second", tmp_path / "first", made)
    export_parquet(build, tmp_path / "anew")
    assert files(tmp_path / "second") == files(tmp_path / "anew")
    linked = {name for name in files(tmp_path / "second") if (tmp_path / "second" / name).stat().st_nlink == 2}
    assert linked == {"marts/facility.parquet", "marts/paid/2025-01.parquet", "marts/paid/none.parquet"}


def test_a_table_that_became_large_is_written_whole(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ROWS_OF_ONE_FILE", 8)
    export_parquet(build, tmp_path / "first")
    monkeypatch.setattr(export, "ROWS_OF_ONE_FILE", 7)
    same = Standing(frozenset({"marts.paid", "marts.facility", "reference.region"}), {"marts.paid": []})
    export_parquet(build, tmp_path / "second", tmp_path / "first", same)
    export_parquet(build, tmp_path / "anew")
    assert files(tmp_path / "second") == files(tmp_path / "anew")
