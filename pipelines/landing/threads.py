"""How many threads polars may use. It reads this once, when it is imported, so the command sets it first of all."""

import os
from pathlib import Path

LARGE_BYTES = 20_000_000


def fit_threads(raw: Path) -> None:
    """One thread where every delivery is small: handing tiny frames from thread to thread costs a third of landing.
    Two files are parsed at a time, and a second process lands beside this one. What the environment says stays."""
    if not any(path.stat().st_size > LARGE_BYTES for path in raw.rglob("*") if path.is_file()):
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
