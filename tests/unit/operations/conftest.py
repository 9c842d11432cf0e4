"""Shared by the tests of operations."""

from pathlib import Path

import pytest

from tests.unit.operations.backed_up import Small, made


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A small installation of files made by hand; there is no person key."""
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(tmp_path / "outside" / "key"))
    return made(tmp_path / "installation")
