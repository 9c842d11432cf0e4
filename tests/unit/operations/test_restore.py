"""The way back: everything as it lay, and nothing at all from a backup that is damaged."""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.operations import backup_commands
from pipelines.operations.backup import restoring
from pipelines.operations.backup.folder import MANIFEST, SUMS, Damaged, find, read
from pipelines.operations.backup.restoring import NotEmpty, wrong_key
from tests.unit.operations.backed_up import DELIVERY, NEXT_EVENING, PARQUET, Small, tree

MADE_AGAIN = (
    *("dbt", "logs", "server", "landing/parsed", "warehouse/build", "warehouse/history", "run.lock"),
    "landing/.half.json.12-34.part",
)


def commanded(*arguments: str | Path) -> Result:
    return CliRunner().invoke(backup_commands.restore, [str(argument) for argument in arguments])


def spoiled(backup: Path, path: str) -> Path:
    """One byte of a file in a backup is another one, as after years on a bad disk: size and time stay."""
    target = backup / path
    times = target.stat().st_atime_ns, target.stat().st_mtime_ns
    target.chmod(0o640)
    content = bytearray(target.read_bytes())
    content[-1] ^= 1
    target.write_bytes(content)
    os.utime(target, ns=times)
    return target


def resealed(backup: Path, change: dict[str, object]) -> None:
    """A manifest that somebody else has written, with sums that fit it."""
    manifest = json.loads((backup / MANIFEST).read_text())
    manifest["entries"][0] |= change
    (backup / MANIFEST).write_text(json.dumps(manifest))
    digest = hashlib.sha256((backup / MANIFEST).read_bytes()).hexdigest()
    (backup / SUMS).write_text(f"{digest}  {MANIFEST}\n")


def test_everything_is_as_it_lay(small: Small, tmp_path: Path) -> None:
    """Names, links, modes, times and contents; of the run records what they hold, which SQLite copies."""
    small.back_up()
    restored = small.restored_to(tmp_path / "elsewhere")
    shutil.rmtree(small.top / "var/landing/parsed")
    for path in MADE_AGAIN:
        target = small.top / "var" / path
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    (restored.top / "var/run.lock").unlink()
    for installation in (small, restored):
        database = installation.top / "var/dagster/runs.db"
        with closing(sqlite3.connect(database)) as runs:
            assert runs.execute("select id from run").fetchall() == [("first",)]
        database.unlink()
    was, present = tree(small.top), tree(restored.top)
    for tidied in ("var", "var/landing", "var/dagster", "var/warehouse"):
        was[tidied] = present[tidied] = ()
    assert present == was
    assert was[DELIVERY][:2] == ("0o100644", 1_600_000_000_123_456_789)


def test_the_readers_group_is_as_it_was(small: Small, tmp_path: Path) -> None:
    """Of what is handed to readers by a folder that gives its group on."""
    others = range(1, 2) if os.geteuid() == 0 else [group for group in os.getgroups() if group != os.getegid()]
    group = next(iter(others), os.getegid())
    releases = small.top / "var/warehouse"
    for path in (releases, small.top / PARQUET):
        os.chown(path, -1, group)
    releases.chmod(0o2750)
    small.back_up()
    restored = small.restored_to(tmp_path / "elsewhere").top
    assert (restored / PARQUET).stat().st_gid == group
    assert ((restored / "var/warehouse").stat().st_gid, (restored / "var/warehouse").stat().st_mode) == (group, 0o42750)


def test_a_damaged_file_stops_it_before_anything_is_in_place(small: Small, tmp_path: Path) -> None:
    backup = small.back_up().folder
    spoiled(backup, PARQUET)
    (backup / "raw/elderly_facilities/origin.yml").unlink()
    done = commanded(small.backups, "--to", tmp_path / "elsewhere")
    assert done.exit_code == 1
    assert f"{PARQUET}：内容与清单不符" in done.output and "raw/elderly_facilities/origin.yml" in done.output
    assert DELIVERY not in done.output
    assert os.listdir(tmp_path / "elsewhere/raw") == []
    assert os.listdir(tmp_path / "elsewhere/var") == ["run.lock"]
    assert commanded(small.backups, "--to", tmp_path / "raw_only", "--only", "deliveries").exit_code == 1


def test_damage_is_found_by_verify_and_mended_by_a_backup_made_afresh(small: Small, tmp_path: Path) -> None:
    spoiled(small.back_up().folder, PARQUET)
    small.back_up(NEXT_EVENING)
    verify = [str(small.backups), "--verify"]
    found = CliRunner().invoke(backup_commands.backup, verify)
    assert found.exit_code == 1 and f"{PARQUET}：内容已变" in found.output and "--afresh" in found.output
    assert CliRunner().invoke(backup_commands.backup, [str(small.backups), "--verify", "--keep", "1"]).exit_code == 2
    small.back_up(NEXT_EVENING, afresh=True)
    mended = CliRunner().invoke(backup_commands.backup, verify)
    assert mended.exit_code == 0 and "完好" in mended.output
    assert (small.restored_to(tmp_path / "elsewhere").top / PARQUET).read_text() == "numbers"


def test_a_changed_manifest_is_refused(small: Small) -> None:
    backup = small.back_up().folder
    text = (backup / MANIFEST).read_text()
    (backup / MANIFEST).write_text(text.replace('"0644"', '"0666"'))
    with pytest.raises(Damaged, match="1 处"):
        read(backup)


@pytest.mark.parametrize("path", ["raw/../../etc/x", "/etc/x", "outside/x", "raw//x", "raw/."])
def test_a_manifest_that_leads_elsewhere_is_refused(small: Small, path: str) -> None:
    backup = small.back_up().folder
    resealed(backup, {"path": path})
    with pytest.raises(Damaged, match="1 处"):
        read(backup)


def test_nothing_is_read_or_written_through_a_link(small: Small, tmp_path: Path) -> None:
    """Neither where the backup holds a link in a file's place, nor where a link would come to lie above a file."""
    backup = small.back_up().folder
    (tmp_path / "outside.csv").write_text("机构编号,床位数\n1,20\n")
    (backup / DELIVERY).unlink()
    os.symlink(tmp_path / "outside.csv", backup / DELIVERY)
    with pytest.raises(Damaged) as refused:
        small.restored_to(tmp_path / "elsewhere")
    assert refused.value.paths[0].startswith(DELIVERY)


def test_what_is_there_is_never_overwritten(small: Small, tmp_path: Path) -> None:
    small.back_up()
    there = Small(tmp_path / "elsewhere")
    there.put("raw/mine.csv", "mine")
    with pytest.raises(NotEmpty, match="mine"):
        small.restored_to(there.top)
    assert sorted(tree(there.top)) == ["raw", "raw/mine.csv", "var", "var/run.lock"]
    with pytest.raises(NotEmpty):
        small.restored_to(small.top)


def test_a_restore_that_died_is_cleared_by_the_next(small: Small, tmp_path: Path) -> None:
    small.back_up()
    there = Small(tmp_path / "elsewhere")
    there.put("raw/.restore.part/half.csv", "half")
    small.restored_to(there.top)
    assert not (there.top / "raw/.restore.part").exists() and (there.top / DELIVERY).exists()


@pytest.mark.parametrize(
    ("only", "beside", "present", "absent"),
    [
        ("deliveries", "var/reports/x", {"raw/within.csv", DELIVERY}, {"var/warehouse", "var/publication"}),
        ("generated", "raw/mine.csv", {PARQUET, "var/publication/2021", "var/dagster/runs.db"}, {DELIVERY}),
        ("releases", "var/reports/x", {PARQUET, "var/warehouse/current"}, {DELIVERY, "var/publication", "var/dagster"}),
        ("editions", "var/warehouse/x", {"var/publication/2021/1/index.html"}, {DELIVERY, PARQUET, "var/dagster"}),
    ],
)
def test_one_part_is_restored_beside_what_is_there(
    small: Small, tmp_path: Path, only: str, beside: str, present: set[str], absent: set[str]
) -> None:
    small.back_up()
    there = Small(tmp_path / "elsewhere")
    there.put(beside, "mine")
    small.restored_to(there.top, only)
    found = tree(there.top)
    assert present <= found.keys() and not absent & found.keys()
    assert (there.top / beside).read_text() == "mine"


def test_any_earlier_backup_can_be_named(small: Small, tmp_path: Path) -> None:
    small.back_up()
    small.put(DELIVERY, "later", mtime_ns=1_700_000_000_000_000_000)
    small.back_up(NEXT_EVENING)
    for name, expected in (("20260501T200000Z", "机构编号,床位数\n1,20\n"), ("", "later")):
        target = tmp_path / f"to{name}"
        assert commanded(small.backups / name, "--to", target).exit_code == 0
        assert (target / DELIVERY).read_text(encoding="utf-8") == expected
    missing = commanded(small.backups / "20270101T000000Z", "--to", tmp_path / "none")
    assert missing.exit_code == 1 and "20260501T200000Z、20260502T200000Z" in missing.output
    assert not (tmp_path / "none").exists()


def test_the_key_must_be_the_one_of_the_backup_and_none_is_made(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "outside" / "key"
    assert "需要编号 0123abcd 的密钥，本机：无" in wrong_key(small.settings, "0123abcd")
    assert not key.parent.exists()
    key.parent.mkdir()
    key.write_bytes(bytes(range(32)))
    key.chmod(0o644)
    assert "600" in wrong_key(small.settings, "0123abcd")
    key.chmod(0o600)
    assert "本机：630dcd29" in wrong_key(small.settings, "0123abcd")
    assert wrong_key(small.settings, "630dcd29") is None
    assert wrong_key(small.settings, None) is None


def test_a_full_disk_is_told_and_leaves_nothing(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.back_up()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda path: usage._replace(free=10))
    done = commanded(small.backups, "--to", tmp_path / "elsewhere")
    assert done.exit_code == 1 and "空间不够" in done.output
    assert os.listdir(tmp_path / "elsewhere/raw") == []


def test_suites_kept_elsewhere_are_in_it(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Approved corrections and waivers of the office, where CARESTAT_EXPECTATIONS names its own folder."""
    small.put("../suites/waivers.yml", "[]")
    for name, folder in (("RAW", "raw"), ("VAR", "var")):
        monkeypatch.setenv(f"CARESTAT_{name}", str(small.top / folder))
    monkeypatch.setenv("CARESTAT_EXPECTATIONS", str(tmp_path / "suites"))
    done = CliRunner().invoke(backup_commands.backup, [str(small.backups)])
    assert done.exit_code == 0, done.output
    assert (find(small.backups) / "expectations/waivers.yml").exists()
    monkeypatch.delenv("CARESTAT_EXPECTATIONS")
    told = commanded(small.backups, "--to", tmp_path / "elsewhere").output
    assert f"CARESTAT_EXPECTATIONS={tmp_path / 'elsewhere/expectations'}" in told
    assert (tmp_path / "elsewhere/expectations/waivers.yml").read_text() == "[]"
