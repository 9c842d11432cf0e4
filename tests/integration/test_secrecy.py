"""No identifier and no key lies in anything that a run generates, and what is released is for cleared staff only."""

import csv
import os
import re
import stat
from pathlib import Path

import polars as pl
import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import Installation


@pytest.fixture(scope="module")
def identities(released: Installation) -> set[bytes]:
    """Some identity numbers as they were delivered, from files of every source and format that carry any."""
    found: set[bytes] = set()
    for source in ("assistance_roster", "care_contacts"):
        paths = sorted((released.raw / source).rglob("*.csv"))
        assert paths, source
        for path in paths:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                rows = list(csv.DictReader(lines))
            found |= {row["身份证号"].encode() for row in (*rows[:5], *rows[-5:])}
    assert len(found) > 15 and all(re.fullmatch(rb"\d{17}[\dX]", number) for number in found)
    return found


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def test_no_identity_number_and_no_key_is_kept(released: Installation, identities: set[bytes]) -> None:
    key = released.key.read_bytes()
    secrets = [*identities, key, key.hex().encode(), key.strip()]
    files = everything(released.var)
    assert len(files) > 50
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":  # compressed
            texts = pl.read_parquet(path).select(pl.col(pl.String))
            content += "\n".join(text for column in texts for text in column.drop_nulls().unique()).encode()
        assert not [secret for secret in secrets if secret in content], path


def test_nothing_that_looks_like_an_identity_number_is_answered(released: Installation) -> None:
    columns = released.rows(
        "select table_schema, table_name, column_name from information_schema.columns where data_type = 'VARCHAR'"
    )
    assert len(columns) > 50
    alike = "(^|[^0-9a-f])[0-9]{17}[0-9X]([^0-9a-f]|$)"
    for schema, table, column in columns:
        question = f'select "{column}" from "{schema}"."{table}" where regexp_matches("{column}", \'{alike}\')'
        assert not released.rows(question), (schema, table, column)


def test_modes(released: Installation) -> None:
    warehouse = released.settings.warehouse
    parquet = [path for path in (warehouse / "parquet").resolve().rglob("*.parquet")]
    assert len(parquet) > 10
    for path in [warehouse / "marts.duckdb", warehouse / "ops.duckdb", *parquet]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o640, path


def test_nothing_generated_is_open_to_others_and_what_holds_persons_only_to_the_service(released: Installation) -> None:
    for path in [released.var, *released.var.rglob("*")]:
        if not path.is_symlink():
            assert not path.stat().st_mode & 0o007, path
    for kept in ("run.lock", "warehouse/build", "warehouse/history"):
        assert not (released.var / kept).stat().st_mode & 0o077, kept


def test_the_key_is_made_by_the_first_run_outside_the_project(released: Installation) -> None:
    assert stat.S_IMODE(released.key.stat().st_mode) == 0o600
    assert len(released.key.read_bytes()) >= 32


def test_without_a_place_given_the_key_lies_outside_the_project(tmp_path: Path) -> None:
    elsewhere = Installation.in_folder(tmp_path)
    elsewhere.raw.mkdir()
    variables = {"CARESTAT_KEY_FILE": "", "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    elsewhere.run("status", **variables)
    [key] = (tmp_path / "config").rglob("key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert PROJECT not in key.parents and elsewhere.var not in key.parents
    assert os.access(key, os.R_OK)
