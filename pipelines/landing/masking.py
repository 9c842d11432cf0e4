"""Citizen numbers are blotted out wherever a supplier's text is kept or shown (spec §8)."""

from __future__ import annotations

import re

from .hash_key import keyed_hash

ID_LIKE = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15})(?!\d)")


def masked(text: str | None) -> str | None:
    """`text` with every 15- or 18-character citizen number replaced by ***."""
    return None if text is None else ID_LIKE.sub("***", text)


def masked_path(path: str, key: bytes) -> str:
    """`path` with every citizen number replaced by *** and 8 hex digits: distinct files keep distinct paths.

    The digits need the key, and differ from those of the person's own hash: nobody can try numbers against them.
    """
    return ID_LIKE.sub(lambda number: f"***-{keyed_hash(key, f'path:{number[0]}')[:8]}", path)
