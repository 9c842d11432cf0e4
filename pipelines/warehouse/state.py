"""Which release is in service, and whether anything has changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.settings import Settings


def fingerprint(settings: Settings, landing: Landing) -> str:
    """What a release is made of: every delivery's content, what is told of its origin, the code and the key.

    Equal means nothing new to do.
    """
    return "-".join((landing.discover().fingerprint, _cards(settings.raw)[:16], settings.code_version()[:16]))


def _cards(raw: Path) -> str:
    """sha256 over the sources' origin.yml; one that cannot be read is as none (landing/origins.py)."""
    digest = hashlib.sha256()
    for source in SOURCES:
        try:
            card = (raw / source / "origin.yml").read_bytes()
        except OSError:
            card = b""
        digest.update(source.encode() + b"\0" + card + b"\0")
    return digest.hexdigest()


def released_state(settings: Settings) -> dict[str, str] | None:
    """What release.json says of the release in service; None before the first one."""
    path = settings.warehouse / "release.json"
    if not (path.exists() and settings.released.exists()):
        return None
    return json.loads(path.read_text(encoding="utf-8"))
