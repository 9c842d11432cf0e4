"""Which release is in service, and whether anything has changed since."""

from __future__ import annotations

import json

from pipelines.landing.land import Landing
from pipelines.settings import Settings


def fingerprint(settings: Settings, landing: Landing) -> str:
    """What a release is made of: every delivery's content, the code and the key. Equal means nothing new to do."""
    return landing.discover().fingerprint + "-" + settings.code_version()[:16]


def released_state(settings: Settings) -> dict[str, str] | None:
    """What release.json says of the release in service; None before the first one."""
    path = settings.warehouse / "release.json"
    if not (path.exists() and settings.released.exists()):
        return None
    return json.loads(path.read_text(encoding="utf-8"))
