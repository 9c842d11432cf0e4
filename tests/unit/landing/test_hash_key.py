"""The key is safe or refused: where it lies, who may read it, how long it is, and what production demands."""

import base64
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing.hash_key import (
    DEVELOPMENT,
    HASH_BYTES,
    KeyUnreadable,
    changed_key,
    key_id,
    keyed_hash,
    keyed_hashes,
    load_key,
)
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.dbt_process import _environment

SECRET = bytes(range(100, 140))


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    """A sound key file, named by the environment."""
    path = tmp_path / "outside" / "key"
    path.parent.mkdir()
    path.write_bytes(SECRET)
    path.chmod(0o600)
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(path))
    monkeypatch.delenv("CARESTAT_KEY", raising=False)
    monkeypatch.delenv("CARESTAT_ENV", raising=False)
    return path


def refusal(*kept_out):
    """What is said when the key is refused; never the key itself."""
    with pytest.raises(KeyUnreadable) as refused:
        load_key(*kept_out)
    told = str(refused.value)
    assert "\n" not in told and "·" in told
    for form in (repr(SECRET), SECRET.hex(), base64.b64encode(SECRET).decode()):
        assert form not in told
    return told


def test_a_sound_file_is_the_key(key_file):
    assert load_key() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_key_open_to_others_is_refused(key_file, mode):
    key_file.chmod(mode)
    told = refusal()
    assert str(key_file) in told and "chmod 600" in told and f"{mode:o}" in told


def test_a_short_key_is_refused(key_file):
    key_file.write_bytes(SECRET[:31])
    assert str(key_file) in refusal()
    key_file.write_bytes(SECRET[:32])
    assert load_key() == SECRET[:32]


def test_a_key_within_raw_var_or_the_project_is_refused_before_one_is_made(tmp_path, key_file, monkeypatch):
    raw, var = tmp_path / "raw", tmp_path / "var"
    for inside in (raw / "key", var / "a" / "key", PROJECT / "key", PROJECT / "docs" / ".." / "key"):
        monkeypatch.setenv("CARESTAT_KEY_FILE", str(inside))
        assert "CARESTAT_KEY_FILE" in refusal(raw, var)
        assert not inside.exists()


def test_a_link_does_not_hide_where_the_key_lies(tmp_path, key_file, monkeypatch):
    raw, link = tmp_path / "raw", tmp_path / "link"
    raw.mkdir()
    (raw / "key").write_bytes(SECRET)
    (raw / "key").chmod(0o600)
    link.symlink_to(raw / "key")
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(link))
    assert "raw" in refusal(raw)


def test_a_folder_or_pipe_is_no_key(key_file):
    key_file.unlink()
    os.mkfifo(key_file, 0o600)
    assert str(key_file) in refusal()
    key_file.unlink()
    key_file.mkdir(mode=0o700)
    assert str(key_file) in refusal()


def test_a_place_that_cannot_be_written_is_told(tmp_path, key_file, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(tmp_path / "file" / "key"))
    assert "CARESTAT_KEY_FILE" in refusal()


def test_the_environment_gives_the_key_in_hex_or_base64(key_file, monkeypatch):
    for written in (SECRET.hex(), SECRET.hex().upper(), base64.b64encode(SECRET).decode(), f" {SECRET.hex()}\n"):
        monkeypatch.setenv("CARESTAT_KEY", written)
        assert load_key() == SECRET
    # a key moved from file to environment stays the same key
    assert key_id(load_key()) == key_id(key_file.read_bytes())


@pytest.mark.parametrize(
    "written", [SECRET[:31].hex(), base64.b64encode(SECRET[:31]).decode(), "口令", "Development", "x"]
)
def test_what_is_no_key_of_32_bytes_is_refused_and_not_shown(key_file, monkeypatch, written):
    monkeypatch.setenv("CARESTAT_KEY", written)
    told = refusal()
    assert "CARESTAT_KEY" in told
    assert len(written) < 3 or written not in told


def test_an_empty_variable_is_none(key_file, monkeypatch):
    monkeypatch.setenv("CARESTAT_KEY", "")
    assert load_key() == SECRET


def test_the_first_run_makes_a_random_key_for_its_owner(tmp_path, key_file, monkeypatch):
    made = []
    for name in ("one", "two"):
        path = tmp_path / "made" / name / "key"
        monkeypatch.setenv("CARESTAT_KEY_FILE", str(path))
        made.append(load_key())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_key() == made[-1]
        assert [left.name for left in path.parent.iterdir()] == ["key"]
    assert made[0] != made[1] and len(made[0]) == 32


@pytest.mark.parametrize("environment", ["production", "PRODUCTION", " production ", "prod", "staging"])
def test_production_makes_no_key(key_file, monkeypatch, environment):
    monkeypatch.setenv("CARESTAT_ENV", environment)
    assert load_key() == SECRET
    key_file.unlink()
    told = refusal()
    assert str(key_file) in told and "恢复备份" in told
    assert not key_file.exists()


def test_production_refuses_development_keys(key_file, monkeypatch):
    monkeypatch.setenv("CARESTAT_KEY", "development")
    assert load_key() == DEVELOPMENT
    monkeypatch.setenv("CARESTAT_ENV", "production")
    assert "开发用密钥" in refusal()
    monkeypatch.setenv("CARESTAT_KEY", DEVELOPMENT.hex())
    assert "开发用密钥" in refusal()
    monkeypatch.delenv("CARESTAT_KEY")

    key_file.unlink()
    monkeypatch.setenv("CARESTAT_ENV", "development")
    assert len(load_key()) > 32
    monkeypatch.setenv("CARESTAT_ENV", "production")
    assert "开发用密钥" in refusal()

    key_file.write_bytes(b"password" * 8)
    assert "开发用密钥" in refusal()


def test_a_change_of_key_is_told_once_and_names_no_key(tmp_path):
    assert changed_key(tmp_path, SECRET) is None
    assert changed_key(tmp_path, SECRET) is None
    other = SECRET[::-1]
    told = changed_key(tmp_path, other)
    assert told and key_id(other) in told and other.hex() not in told
    assert changed_key(tmp_path, other) is None


def test_another_key_gives_other_hashes():
    # HMAC-SHA-256 by RFC 4231 test case 2, first 128 bits
    assert keyed_hash(b"Jefe", "what do ya want for nothing?") == "5bdcc146bf60754e6a042426089575c7"
    assert keyed_hash(b"jefe", "what do ya want for nothing?") != "5bdcc146bf60754e6a042426089575c7"


@given(key=st.binary(max_size=200), identifier=st.text())
def test_many_are_hashed_as_one_is(key, identifier):
    both = ["another before", identifier]
    hashes = [whole[:HASH_BYTES].hex() for whole in keyed_hashes(key, [text.encode() for text in both])]
    assert hashes == [keyed_hash(key, text) for text in both]


def test_dbt_is_not_given_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("CARESTAT_KEY", SECRET.hex())
    assert SECRET.hex() not in _environment(Settings.from_environment(tmp_path, tmp_path)).values()


@pytest.mark.parametrize("command", ["nightly", "status"])
def test_a_refusal_is_one_line_and_exit_1(tmp_path, key_file, command):
    raw = tmp_path / "raw"
    raw.mkdir()
    key_file.chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", command, "--raw", str(raw), "--var", str(tmp_path / "var")],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "chmod 600" in line
