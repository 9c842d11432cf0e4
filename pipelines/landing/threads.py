"""How many threads polars may use. It reads this once, when it is imported, so the command sets it first of all."""

import os
from pathlib import Path

LARGE_BYTES = 20_000_000


def fit_threads(raw: Path) -> None:
    """One thread where every delivery is small: handing tiny frames from thread to thread costs a third of landing.
    Two files are parsed at a time, and a second process lands beside this one. What the environment says stays."""
    if not holds_large(raw):
        os.environ.setdefault("POLARS_MAX_THREADS", "1")


def holds_large(raw: Path) -> bool:
    """Whether any delivery is so large that polars has use for a second thread."""
    for folder, _, names in os.walk(raw):
        for name in names:
            try:
                if os.lstat(os.path.join(folder, name)).st_size > LARGE_BYTES:
                    return True
            except OSError:
                continue  # gone, or not to be read: discovery tells
    return False
