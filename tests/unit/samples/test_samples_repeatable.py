"""The same generator writes the same deliveries, and raw/ is what it writes."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.samples.__main__ import SOURCES, build
from pipelines.samples.chance import apportion, ranks

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("source", ["deaths", "residential_projects"])
def test_two_runs_write_the_same_bytes(source: str, tmp_path: Path) -> None:
    first, second = build(source, tmp_path / "a"), build(source, tmp_path / "b")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


@pytest.mark.parametrize(
    "source", ["regions", "population", "deaths", "agency_returns", "residential_projects", "subsidy_ledger"]
)
def test_raw_is_what_the_generator_writes(source: str, tmp_path: Path) -> None:
    written = build(source, tmp_path)
    shipped = sorted(path for path in (ROOT / "raw" / source).rglob("*") if path.is_file())
    assert [path.relative_to(ROOT / "raw") for path in shipped] == sorted(
        file.relative_to(tmp_path) for file in written
    )
    for ours, theirs in zip(shipped, sorted(written), strict=True):
        if ours.suffix == ".xlsx":  # compressed, so bytes depend on the zlib at hand: compare the cells
            assert sheet(ours).equals(sheet(theirs)), ours.name
        else:
            assert ours.read_bytes() == theirs.read_bytes(), ours.name


def sheet(path: Path) -> pl.DataFrame:
    return pl.read_excel(path, has_header=False, infer_schema_length=0)


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_its_card(source: str) -> None:
    card = (ROOT / "raw" / source / "origin.yml").read_text(encoding="utf-8")
    assert f"source: {source}\n" in card
    assert card == (ROOT / "pipelines/samples/origins" / f"{source}.yml").read_text(encoding="utf-8")


def test_shipped_deliveries_stay_small() -> None:
    files = [path for path in (ROOT / "raw").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 15_000_000


def test_parts_add_up_to_the_total() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(apportion(6538, [0.3, 7.1, 2.2])) == 6538


def test_ranks_are_a_fixed_shuffle() -> None:
    first = ranks("abcdef", "key")
    assert first == ranks("fedcba", "key")
    assert sorted(first.values()) == [0, 1, 2, 3, 4, 5]
