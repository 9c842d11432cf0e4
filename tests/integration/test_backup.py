"""A released installation backed up, lost, and restored elsewhere: the same release, and nothing that waits."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.operations.backup_commands import backup, restore
from pipelines.warehouse.state import nothing_new
from tests.integration.installation import RETURNS, Installation

pytestmark = pytest.mark.integration

KEPT = ("raw", "var/landing/landed", "var/quarantine", "var/warehouse", "var/publication")
CENSUS = "select value from marts.indicator_value where indicator_key = 'population_60plus_share'"


@pytest.fixture
def installation(released: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A copy of the small release, with an edition on its shelf."""
    copy = released.copied_to(tmp_path / "here")
    edition = copy.var / "publication" / "2021" / "1"
    edition.mkdir(parents=True)
    (edition / "index.html").write_text("<p>公报</p>", encoding="utf-8")
    (edition / "index.html").chmod(0o444)
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(copy.key))
    return copy


def backed_up(installation: Installation, backups: Path, *options: str) -> Result:
    folders = ["--raw", str(installation.raw), "--var", str(installation.var)]
    return CliRunner().invoke(backup, [str(backups), *folders, *options])


def digests(top: Path) -> dict[str, str]:
    """sha256 of every file in what cannot be made again, and the time that tells when a delivery was received."""
    found = {}
    for path in sorted(path for part in KEPT for path in (top / part).rglob("*")):
        if {"build", "history"} & set(path.relative_to(top).parts[:3]):
            continue
        if path.is_file():
            time = path.stat().st_mtime_ns
            found[str(path.relative_to(top))] = f"{hashlib.sha256(path.read_bytes()).hexdigest()} {time}"
    return found


def test_what_is_restored_is_what_was(installation: Installation, tmp_path: Path) -> None:
    done = backed_up(installation, tmp_path / "backups")
    assert done.exit_code == 0, done.output
    before, figures = digests(installation.raw.parent), installation.rows(CENSUS)
    served, parquet = installation.in_service, installation.parquet
    with closing(sqlite3.connect(installation.settings.dagster_home / "history" / "runs.db")) as runs:
        recorded = runs.execute("select run_id, status from runs").fetchall()
    assert figures and recorded and parquet
    shutil.rmtree(installation.raw)
    shutil.rmtree(installation.var)

    told = CliRunner().invoke(restore, [str(tmp_path / "backups"), "--to", str(tmp_path / "there")])
    assert told.exit_code == 0, told.output
    assert served[1] in told.output and "均已处理 · all processed" in told.output
    there = Installation(tmp_path / "there" / "raw", tmp_path / "there" / "var", installation.key)
    assert digests(tmp_path / "there") == before
    assert (there.in_service, there.parquet, there.rows(CENSUS)) == (served, parquet, figures)
    with closing(sqlite3.connect(there.settings.dagster_home / "history" / "runs.db")) as runs:
        assert runs.execute("select run_id, status from runs").fetchall() == recorded
    assert nothing_new(there.settings)
    traced = ["trace", "population_60plus_share", "500113", "2020", "--var", str(there.var)]
    assert "population/2020/500000" in CliRunner().invoke(main, traced).output
    night = there.run("nightly")
    assert night.returncode == 0 and "没有新交付" in night.stderr, night.stderr


def test_a_restored_installation_goes_on_where_it_was(installation: Installation, tmp_path: Path) -> None:
    """What arrives after the backup is new, and nothing else is; without its key the restored one says so."""
    assert backed_up(installation, tmp_path / "backups").exit_code == 0
    installation.key.unlink()
    told = CliRunner().invoke(restore, [str(tmp_path / "backups"), "--to", str(tmp_path / "there")])
    assert told.exit_code == 1 and "密钥不符" in told.output and "本机：无" in told.output
    assert not installation.key.exists(), "no key is made: it would be another one"
    assert (tmp_path / "there" / "raw" / RETURNS).exists()
