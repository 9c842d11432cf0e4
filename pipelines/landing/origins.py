"""Where each source's deliveries come from, as raw/<source>/origin.yml says itself: nothing is passed off as real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.contracts import CONTRACTS

SCHEMA = dict.fromkeys(("source", "title", "department", "origin", "real", "synthetic", "cite", "licence"), pl.String)


def origins(raw: Path) -> pl.DataFrame:
    """One row a source: its name and department, and whether its files are real, synthetic or mixed ('not_stated' where
    there is no origin.yml, or none that can be read), with the card's own words, parts set off by line ends.
    """
    rows = []
    for source, contract in CONTRACTS.items():
        card = _card(raw / source / "origin.yml")
        real, synthetic, cite = (_lines(card.get(part)) for part in ("real", "synthetic", "cite"))
        kind = {(True, True): "mixed", (True, False): "real", (False, True): "synthetic"}.get(
            (bool(real), bool(synthetic)), "not_stated"
        )
        licence = str(card["licence"]) if card.get("licence") else None
        rows.append((source, contract.title_zh, contract.supplier_department, kind, real, synthetic, cite, licence))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _card(path: Path) -> dict[str, Any]:
    try:
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return card if isinstance(card, dict) else {}


def _lines(part: Any) -> str | None:
    told = part if isinstance(part, list) else [part] if part else []
    return "\n".join(str(line) for line in told) or None
