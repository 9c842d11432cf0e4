"""Which files of landing nothing refers to any more: neither what is in force nor the evidence of a kept release.

A settled source × period stays or goes as a whole: its sidecar with all files that it names. It stays while it is in
force, and while the evidence of a kept release reads any of its landed files, so that the figures of an earlier release
are traced as before. Everything here can be made again from raw/, but for deliveries that were replaced or taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from pipelines.contracts import SOURCES
from pipelines.landing.hash_key import key_id, load_key
from pipelines.landing.land import Landing
from pipelines.landing.sidecar import FOLDERS, InForce, files_of
from pipelines.landing.store import read_sealed
from pipelines.publication.evidence.keep import EVIDENCE
from pipelines.settings import Settings

#: what suppliers are answered: kept up by landing itself (pipelines/landing/answers.py)
ANSWERS = (".answer.xlsx", ".answer.txt")


class UnknownEvidence(Exception):
    """What a kept release refers to cannot be read; the text names the release (zh · en)."""


def settled_files(settings: Settings) -> Iterator[Path]:
    """Sidecars that may go, before the files they name, and files that no sidecar names. Raises UnknownEvidence."""
    var = settings.var
    held = set(_held_by_evidence(settings))
    in_force = {source: set(InForce(var, source).former.values()) for source in SOURCES}
    going: list[Path] = []
    for path in _files(var / "landing" / "landed", ".json"):
        source = path.parent.parent.name
        sidecar = read_sealed(path)
        named = [file for _, file in files_of(sidecar, var, source)] if sidecar else []
        if path.stem in in_force.get(source, ()) or not held.isdisjoint(named):
            held.update([path, *named])
        else:
            going.append(path)
    yield from going
    for folder in sorted(set(FOLDERS.values())):
        yield from (path for path in _files(var / folder, ".parquet") if path not in held)


def answers_of_no_source(settings: Settings) -> Iterator[Path]:
    """Answers in folders of sources that the project no longer knows."""
    for folder in sorted((settings.var / "quarantine").glob("*/")):
        if folder.name not in (*SOURCES, "strays"):
            yield from (path for path in sorted(folder.rglob("*")) if path.name.endswith((*ANSWERS, "answers.json")))


def parsed_files(settings: Settings) -> Iterator[Path]:
    """Parsed files of content that does not lie in raw/ now, of earlier contracts or of another key."""
    remembered = read_sealed(settings.var / "landing" / "stat.json")
    if remembered is None:  # what lies in raw/ is unknown until the next run
        return
    content = {record["sha256"] for record in remembered.values()}
    key = key_id(load_key(settings.raw, settings.var))
    landing = Landing(raw=settings.raw, var=settings.var)
    versions = {source: landing.code_version(source) for source in SOURCES}
    for path in _files(settings.var / "landing" / "parsed", ".parquet", ".sha256"):
        sha256, _, made_by = path.stem.partition("-")
        if sha256 not in content or not made_by.startswith(f"{versions.get(path.parent.name)}-{key}-"):
            yield path


def _held_by_evidence(settings: Settings) -> Iterator[Path]:
    """Landed files that the evidence of any kept release reads."""
    for folder in sorted((settings.warehouse / "releases").glob("*/")):
        file = folder / EVIDENCE
        if not file.exists():
            continue
        try:
            with duckdb.connect(str(file), read_only=True) as connection:
                rows = connection.execute("select path from evidence.evidence.landed").fetchall()
        except duckdb.Error as broken:
            raise UnknownEvidence(
                f"发布 {folder.name} 的依据读不出，已接收的文件一个也未清理；可删除该发布文件夹后再清理"
                f" · its evidence cannot be read, so no landed file was removed: {type(broken).__name__}"
            ) from broken
        yield from (settings.var / path for (path,) in rows)


def _files(folder: Path, *endings: str) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.name.endswith(endings) and not path.name.startswith("."))
