"""One small released installation for all workers; tests that change anything work on a copy."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.integration.installation import Installation, deliver_small


@pytest.fixture(scope="session")
def released(shared_folder: Path) -> Installation:
    """Banan's 2020 and 2021, released. Read it, never write to it."""
    folder = shared_folder / "small"
    installation = Installation.in_folder(folder)
    with FileLock(shared_folder / "small.lock"):
        if not (folder / "ready").exists():
            assert not folder.exists(), "the first run of this installation failed in another worker"
            deliver_small(installation.raw)
            installation.released_again()
            (folder / "ready").touch()
    return installation
