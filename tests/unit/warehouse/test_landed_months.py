"""What the rows of a delivered month are said to follow from."""

from pathlib import Path

import polars as pl

from pipelines.warehouse.build import Build


def digests(home: Path, *deliveries: tuple[str, str, bool]) -> dict[tuple[str, str], str]:
    """Of one landed month of deaths, beside deliveries (source, period, standing)."""
    build = Build(home / "run")
    build.start()
    rows = [("regions", "2023-12-31", True), ("deaths", "2024", True), *deliveries]
    build.record("all", {"delivery": pl.DataFrame(rows, ["source", "period", "standing"], orient="row")})
    build.record_landed("regions", [home / "regions" / "2023-12-31" / "a.parquet"])
    build.record_landed("deaths", [home / "deaths" / "2024" / "b.parquet"])
    return {(source, period): digest for source, period, digest in build._landed_months().iter_rows()}


def test_a_return_without_rows_begins_a_year_for_every_month(tmp_path):
    """A code that ends in it then stands under its successor (delivered_year, region_today)."""
    before = digests(tmp_path)
    assert digests(tmp_path, ("deaths", "2024", True)) == before
    assert digests(tmp_path, ("deaths", "2025", False), ("regions", "2025-12-31", True)) == before
    after = digests(tmp_path, ("subsidy_ledger", "2025-01", True))
    assert after.keys() == before.keys() == {("regions", "2023-12-31"), ("deaths", "2024")}
    assert all(after[month] != before[month] for month in before)
