"""Reports as files: var/reports/<end of the night>-<state>.html and .json, and the same as latest.html and .json."""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.landing.store import HALF, close_to_others
from pipelines.operations.outcome import Outcome
from pipelines.operations.report.content import Report
from pipelines.operations.report.gather import model
from pipelines.operations.report.page import page
from pipelines.settings import Settings

FOLDER = "reports"
LATEST = "latest"
#: said of a report, that a reader may know it by itself
SCHEMA = "carestat.run_report"


def write(settings: Settings, outcome: Outcome, now: datetime | None = None) -> Path:
    """Keep the report of a night; returns its page. Each file appears whole or not at all, for owner and group."""
    report = model(settings, outcome, now or datetime.now(UTC))
    folder = settings.var / FOLDER
    close_to_others(folder)
    forms = {"json": as_json(report), "html": page(report)}
    name = f"{outcome.ended_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{outcome.state}"
    known = latest(settings)
    # the daemon may tell of a night when a later one has been told of already
    is_latest = known is None or known["outcome"]["ended_at"] <= _plain(outcome.ended_at)
    for stem in (name, LATEST) if is_latest else (name,):
        for form, text in forms.items():
            _put(folder / f"{stem}.{form}", text)
    return folder / f"{name}.html"


def latest(settings: Settings) -> dict[str, Any] | None:
    """The JSON of the last night that was told of; None where there is none that can be read."""
    try:
        known = json.loads((settings.var / FOLDER / f"{LATEST}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and known.get("schema") == SCHEMA else None


def as_json(report: Report) -> str:
    """The report field by field, keys in the order of content.py; times as 2026-11-22T12:14:00Z."""
    return json.dumps(as_plain(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_plain(report: Report) -> dict[str, Any]:
    """The same as dicts and lists."""
    told = {"schema": SCHEMA, "version": report.version, **_plain(report)}
    told["outcome"]["seconds"] = round(report.seconds, 1)
    return told


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:  # NaN and infinity are no JSON
        return None
    return value


def _put(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}{HALF}")
    try:
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        with open(handle, "w", encoding="utf-8") as written:
            written.write(text)
        os.chmod(half, 0o640)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
