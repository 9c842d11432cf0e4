"""Which release is in service, and whether anything has changed since."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.contracts import SOURCES
from pipelines.landing.discover import SHANGHAI
from pipelines.landing.land import Landing
from pipelines.settings import Settings
from pipelines.warehouse.soundness import damage_in_service, state_of


def fingerprint(settings: Settings, landing: Landing) -> str:
    """What a release is made of: every delivery's content, what is told of its origin, the code and the key.

    Equal means nothing new to do.
    """
    return "-".join((landing.discover().fingerprint, _cards(settings.raw)[:16], settings.code_version()[:16]))


def nothing_new(settings: Settings) -> bool:
    """Whether the release in service is made of what lies in raw/ now, by the present code and key, and undamaged."""
    return is_of_the_present(settings) and damage_in_service(settings) is None


def is_of_the_present(settings: Settings) -> bool:
    """The same, of a release known to be undamaged."""
    state = released_state(settings)
    return state is not None and state["fingerprint"] == fingerprint(settings, landing_of(settings))


def may_look(settings: Settings) -> bool:
    """Whether raw/ is there for whoever asks. Readers of what is released have neither deliveries nor key, and must
    leave nothing behind."""
    return settings.raw.is_dir() and (os.access(settings.var, os.W_OK) or not settings.var.exists())


def landing_of(settings: Settings) -> Landing:
    """The deliveries as they lie now. No day counts as the future that was not one when the last release was made: a
    clock set back must not refuse what was accepted."""
    state = released_state(settings)
    today = datetime.now(SHANGHAI).date()
    if state is not None:
        today = max(today, datetime.fromisoformat(state["released_at"]).date())
    return Landing(raw=settings.raw, var=settings.var, today=today, expectations=settings.expectations)


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


def released_state(settings: Settings) -> dict[str, Any] | None:
    """What release.json says of the release in service; None before the first one, or where it cannot be read."""
    return state_of(settings.warehouse) if settings.released.exists() else None
