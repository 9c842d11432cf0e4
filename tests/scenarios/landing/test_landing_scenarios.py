"""Every folder here is one rule of landing: what a department delivers, and what becomes of each of its rows.

raw/                what is delivered; the common register regions.csv joins it unless the case brings a register
landed.csv          every landed row, with the columns that matter
quarantine.csv      every refused row
reconciliation.csv  every file
delivery.csv        (some cases) state and reason of every file
finding.csv         (some cases) findings that must be there; `detail` need only occur within the words

An empty cell is NULL. What is expected was read off the specification, which about.txt names.
"""

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.landing.land import Landing

HERE = Path(__file__).parent
CASES = sorted(folder.parent for folder in HERE.glob("*/raw"))
REGISTER = "regions/2023-12-31/000000.csv"
COUNTS = ("landed", "quarantined", "superseded", "ignored")

#: what may become of a file or a row (the row rules by name are seen in the cases themselves)
REASONS = {
    "unreadable_file", "encoding", "bad_filename", "unparsable_header", "ragged_row", "missing_required", "bad_type",
    "bad_enum", "out_of_range", "unknown_region", "ambiguous_region", "out_of_jurisdiction", "duplicate_key",
    "unknown_facility", "rule:bands_partition", "rule:sex_pair",
}  # fmt: skip

Table = list[dict[str, str]]


@pytest.fixture(scope="module")
def landed_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with raw/ and var/ in which the common register alone is landed: most cases begin there."""
    folder = tmp_path_factory.mktemp("register")
    (folder / "raw" / REGISTER).parent.mkdir(parents=True)
    shutil.copyfile(HERE / "regions.csv", folder / "raw" / REGISTER)
    with pytest.MonkeyPatch.context() as patch:
        use_key(folder, patch)
        Landing(folder / "raw", folder / "var").land("regions")
    return folder


@pytest.fixture(autouse=True)
def warehouse_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same key for all, outside raw and var."""
    use_key(tmp_path, monkeypatch)


def use_key(folder: Path, patch: pytest.MonkeyPatch) -> None:
    path = folder / "key"
    path.write_bytes(b"k" * 32)
    path.chmod(0o600)
    patch.setenv("CARESTAT_KEY_FILE", str(path))


def shown(value: object) -> str:
    """A landed value as it is written in an expected table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else str(value)


def written(path: Path) -> Table:
    """The rows of an expected table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def in_order(table: Table, columns: list[str]) -> list[list[str]]:
    """The rows cut to `columns`, sorted."""
    return sorted([row.get(column, "") for column in columns] for row in table)


def land(raw: Path, var: Path) -> dict[str, Table]:
    """Land all that lies in `raw`: every table by name, all cells as text, without the common register."""
    landing = Landing(raw, var)
    landed = [landing.land(source) for source in Landing.SOURCES if (raw / source).is_dir()] + [landing.strays()]
    frames = {"landed": [pl.read_parquet(path) for result in landed for path in result.files]}
    for name in ("quarantine", "reconciliation", "delivery", "finding"):
        frames[name] = [getattr(result, name) for result in landed]
    tables = {
        name: [
            {column: shown(value) for column, value in row.items()} for f in parts for row in f.iter_rows(named=True)
        ]
        for name, parts in frames.items()
    }
    for row in tables["landed"]:
        row |= {"path": row["delivery_path"], "row": row["delivery_row"]}
    return tables


def without(path: str, tables: dict[str, Table]) -> dict[str, Table]:
    return {name: [row for row in table if row["path"] != path] for name, table in tables.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_row_is_where_the_specification_puts_it(case: Path, landed_register: Path, tmp_path: Path) -> None:
    raw, var = tmp_path / "raw", tmp_path / "var"
    register_is_common = not (case / "raw" / "regions").exists()
    if register_is_common:
        shutil.copytree(landed_register / "raw", raw)
        shutil.copytree(landed_register / "var", var)
    shutil.copytree(case / "raw", raw, symlinks=True, dirs_exist_ok=True)
    tables = land(raw, var)
    assert land(raw, var) == tables, "landing twice is not landing once"
    for row in tables["reconciliation"]:
        assert int(row["delivered"]) == sum(int(row[name]) for name in COUNTS), row
    if register_is_common:
        tables = without(REGISTER, tables)

    for name in ("reconciliation", "delivery", "quarantine", "landed"):
        if (case / f"{name}.csv").exists():
            columns = (case / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(",")
            assert in_order(tables[name], columns) == in_order(written(case / f"{name}.csv"), columns), name
    if (case / "finding.csv").exists():
        for expected in written(case / "finding.csv"):
            words = expected.pop("detail", "")
            found = [row for row in tables["finding"] if expected.items() <= row.items() and words in row["detail"]]
            assert len(found) == 1, (expected, words, tables["finding"])


def test_every_case_names_its_clause_and_every_reason_has_a_case() -> None:
    assert len(CASES) >= 90
    for case in CASES:
        assert "§" in (case / "about.txt").read_text(encoding="utf-8"), case.name
        assert (case / "landed.csv").exists() and (case / "reconciliation.csv").exists(), case.name
    seen = {row["reason"] for case in CASES for row in written(case / "quarantine.csv")}
    seen |= {
        row["reason"] for case in CASES if (case / "delivery.csv").exists() for row in written(case / "delivery.csv")
    }
    assert seen >= REASONS
