"""What decides how deliveries land besides the deliveries: code, contracts, the lists they name, and readers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.contracts import SEEDS, SOURCES
from pipelines.settings import Settings

CODE = Path(__file__).parents[1]
#: what else decides how a file is read
READERS = ("polars", "pyarrow", "fastexcel", "dataframely")


def code_digests() -> dict[str, str]:
    """Digest of every file of code or seed that decides what lands, and version of every reader, by name."""
    landing = sorted((CODE / "landing").glob("*.py"))
    seeds = [Settings.from_environment().seed(name) for name in SEEDS.values()]
    paths = [*sorted((CODE / "contracts").glob("*.py")), *landing, *seeds]
    readers = {name: version(name) for name in READERS}
    return readers | {f"{p.parent.name}/{p.name}": hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def version_of(digests: Mapping[str, str], sources: Collection[str]) -> str:
    """Version of the landing of `sources` by these digests: their contracts and all that contracts share."""
    others = {f"contracts/{source}.py" for source in SOURCES if source not in sources}
    others |= {f"seeds/{seed}.csv" for source, seed in SEEDS.items() if source not in sources}
    return digest_of([[name, digest] for name, digest in digests.items() if name not in others])[:12]


def digest_of(content: Any) -> str:
    """SHA-256 of what JSON can tell."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
