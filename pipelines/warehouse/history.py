"""The months that stay from night to night: what the models keep of months of the ledgers that did not change.

Everything in it is made of landed files and can be made again, so nothing of it is ever repaired: other models or a
file that cannot be read begin another history.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.settings import Settings


def prepare_history(settings: Settings) -> Path:
    """The history of the present models, fit to be opened; those of earlier models are gone.

    Raises duckdb.IOException when another process holds it.
    """
    path = settings.history
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # it holds persons' keyed hashes; readers have no business here
    for other in path.parent.iterdir():
        if not other.name.startswith(path.name):
            other.unlink()
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as broken:
        if "could not set lock" in str(broken).lower():
            raise
        discard_history(settings)
        duckdb.connect(str(path)).close()
    return path


def discard_history(settings: Settings) -> None:
    """Begin anew in the next run: a file that opens may still be damaged within."""
    for part in settings.history.parent.iterdir():
        part.unlink()
