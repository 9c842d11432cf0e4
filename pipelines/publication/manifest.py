"""manifest.json: what an edition is made of and from, written last; and the proof that nothing in it has changed."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.publication.book import Book
from pipelines.publication.shelf import MANIFEST, Edition
from pipelines.settings import Settings

#: what else than this project shapes the bytes of the files
LIBRARIES = (
    "altair",
    "duckdb",
    "fonttools",
    "frictionless",
    "highspy",
    "jinja2",
    "polars",
    "pysdmx",
    "typst",
    "vl-convert-python",
    "xlsxwriter",
    "zhplot",
)
CHUNK = 1 << 20


def inputs(settings: Settings, release_id: str) -> dict[str, Any]:
    """What an edition is made from. Equal inputs make equal editions."""
    return {
        "release": release_id,
        "code": settings.publication_version(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def manifest(book: Book, made_from: dict[str, Any], hidden: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The manifest of a book whose forms lie in `folder`. `hidden`: counts that sum up the disclosure plan."""
    deliveries = book["deliveries"].select("path", "sha256", "state").to_dicts()
    return {
        "title": book.imprint.title,
        "title_en": book.imprint.title_en,
        "imprint": asdict(book.imprint),
        "made_from": made_from,
        "disclosure": hidden,
        "definitions": definitions(book),
        "deliveries": {row["path"]: {"sha256": row["sha256"], "state": row["state"]} for row in deliveries},
        "files": {name: described(path) for name, path in files(folder)},
    }


def write(folder: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")


def definitions(book: Book) -> dict[str, str]:
    """Indicator/variant → sha256 of its definition: every column of its row but how many document rows use it."""
    rows = book["indicators"].drop("document_rows", strict=False).to_dicts()
    return {
        f"{row['indicator_key']}/{row['variant']}": hashlib.sha256(
            json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode()
        ).hexdigest()
        for row in rows
    }


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of an edition but the manifest, by its path within the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            yield path.relative_to(folder).as_posix(), path


def described(path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "bytes": size}


def damage(edition: Edition) -> list[str]:
    """What is not as it was published, one line a file; empty for an edition as it was made."""
    listed = edition.manifest.get("files")
    if listed is None:
        return [f"{MANIFEST}  读不出 · cannot be read"]
    found = dict(files(edition.folder))
    told = [f"{name}  缺失 · missing" for name in sorted(listed.keys() - found.keys())]
    told += [f"{name}  不属于本版 · not of this edition" for name in sorted(found.keys() - listed.keys())]
    told += [
        f"{name}  内容已变 · changed"
        for name in sorted(listed.keys() & found.keys())
        if described(found[name]) != listed[name]
    ]
    return told
