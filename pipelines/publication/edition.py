"""Freezes a year: released warehouse → book → forms → var/publication/<year>/<edition>/, complete or not at all.

An edition is made in a hidden folder beside its place and put there by one rename, its manifest written last. What is
there is never written again: a correction makes the next edition, with its reason.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from filelock import FileLock

from pipelines.landing.store import settle
from pipelines.progress import PROGRESS
from pipelines.publication import content, diff, manifest, rendering
from pipelines.publication.book import Book, Imprint
from pipelines.publication.disclosure.audit import audit
from pipelines.publication.disclosure.cells import person_cells
from pipelines.publication.disclosure.former import Former, recall, remember
from pipelines.publication.disclosure.mask import mask
from pipelines.publication.disclosure.plan import suppress
from pipelines.publication.disclosure.rule import THRESHOLD
from pipelines.publication.evidence.bulk import published_evidence
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.objections import Objection, objections
from pipelines.publication.shelf import Edition, Shelf
from pipelines.settings import Settings
from pipelines.warehouse.lock import hold, lock_wait
from pipelines.warehouse.read import connect, released_file


class NotPublished(Exception):
    """Nothing was published, and every kept edition is as it was."""


class Refused(NotPublished):
    """Something stands against the publication, and no reason was given to make it nevertheless."""

    def __init__(self, objected: Sequence[Objection]) -> None:
        told = "\n".join(f"  {number}. {objection}" for number, objection in enumerate(objected, 1))
        super().__init__(
            f"不予公布，原因 {len(objected)} 条 · not published, {len(objected)} reasons:\n{told}\n"
            '确需公布：--force "理由"，理由印在封面 · to publish nevertheless: --force "reason", printed on the cover'
        )


class ReasonNeeded(NotPublished):
    """The year has been published; another edition is a correction and says why."""

    def __init__(self, latest: Edition, changed: int) -> None:
        super().__init__(
            f"已有公报 {latest.name}，由另一发布或另一版程序制成，与现在相比有 {changed} 处不同；更正另出一版，"
            f'须说明理由：--reason "理由" · {latest.name} stays; {changed} cells differ now; another edition needs'
            ' --reason "why"'
        )


class Damaged(NotPublished):
    """A kept edition is not as it was published."""

    def __init__(self, edition: Edition, told: list[str]) -> None:
        super().__init__(f"公报 {edition.name} 已损坏 · damaged:\n" + "\n".join(f"  {line}" for line in told))


class OtherProgram(NotPublished):
    """The release lacks what this program publishes: another one made it."""

    def __init__(self, release_id: str, lacking: duckdb.Error) -> None:
        super().__init__(
            f"发布 {release_id} 由另一版程序制成，请再运行 carestat nightly · made by another version of the program,"
            f" run `carestat nightly` again: {str(lacking).splitlines()[0]}"
        )


class Unaccounted(NotPublished):
    """What an earlier edition hid is not known, so nobody can say what this one would give away."""

    def __init__(self, kept: Edition, path: Path) -> None:
        super().__init__(
            f"缺 {path} 或读不出：公报 {kept.name} 隐去了哪些数无从得知，请从备份恢复 · restore it from a backup:"
            f" without it nobody can tell what a new edition would give away beside {kept.name}"
        )


@dataclass(frozen=True)
class Request:
    """What is asked for. `forced_because` counts only while something stands against the publication."""

    year: str
    reason: str = ""
    forced_because: str = ""
    release_id: str | None = None


@dataclass(frozen=True)
class Published:
    """The edition, and whether it was made now; it may have been there already, made of the same."""

    edition: Edition
    is_new: bool


@dataclass(frozen=True)
class Content:
    """Tables under disclosure control, counts that sum up the plan, and what keeps the plan for later editions."""

    tables: dict[str, pl.DataFrame]
    hidden: dict[str, Any]
    remember: Callable[[Path], None]


def publish(
    settings: Settings,
    request: Request,
    now: datetime,
    shelf: Shelf | None = None,
    forms: Sequence[tuple[str, rendering.Form]] | None = None,
    content_of: Callable[..., Content] | None = None,
) -> Published:
    """The edition of a year from a release; `now` (with time zone) is only held against embargoes.

    Raises NotPublished, FormFailed, NoEvidence, NothingOfYear, BadCalendar, NotProtectable, Recoverable, NoRelease,
    AnotherRun, OSError; then nothing has been published and every kept edition is as it was.
    """
    shelf = shelf or Shelf(settings.publication)
    database = released_file(settings, request.release_id).resolve()
    facts = json.loads((database.parent / "release.json").read_text(encoding="utf-8"))
    made_from = manifest.inputs(settings, facts["release_id"])
    with _alone(shelf):
        _sweep(shelf)
        latest = shelf.latest(request.year)
        if latest is not None and latest.manifest.get("made_from") == made_from:
            verify(latest)
            return Published(latest, is_new=False)
        former = shelf.former(request.year)
        if former:
            verify(former)
        PROGRESS.step("contents")
        release = connect(database)
        try:
            objected = objections(settings, release, request.year, now)
            if objected and not request.forced_because:
                raise Refused(objected)
            made = (content_of or controlled)(release, settings, facts["release_id"], request.year, shelf)
        except (duckdb.CatalogException, duckdb.BinderException) as lacking:
            raise OtherProgram(facts["release_id"], lacking) from lacking
        finally:
            release.close()
        imprint = Imprint(
            year=request.year,
            edition=latest.number + 1 if latest else 1,
            release_id=facts["release_id"],
            released_at=facts["released_at"],
            code_version=facts["code_version"],
            reason=request.reason if latest else "",
            objections=tuple(objection.what for objection in objected),
            forced_because=request.forced_because if objected else "",
            compared_with=former.name if former else "",
        )
        book = Book(imprint, made.tables)
        if former:
            book = replace(book, tables=book.tables | {"changes": diff.changes(former, book, made_from["code"])})
        if latest and not request.reason:
            raise ReasonNeeded(latest, book["changes"].height)
        return Published(_freeze(shelf, book, made, made_from, forms or rendering.forms()), is_new=True)


def controlled(
    release: duckdb.DuckDBPyConnection, settings: Settings, release_id: str, year: str, shelf: Shelf
) -> Content:
    """The tables of a year with every small count hidden, proved against all kept editions.

    Raises Unaccounted, NoEvidence, NotProtectable, Recoverable.
    """
    content.open_year(release, year)
    tables = content.tables_of(release, year)
    PROGRESS.step("evidence")
    with Evidence.open(settings, release_id) as evidence:
        tables["evidence"] = published_evidence(evidence, year)
    PROGRESS.step("disclosure")
    earlier = former_counts(shelf)
    cells = person_cells(release, year)
    plan = suppress(cells, earlier)
    audit(cells, plan, earlier).raise_if_recoverable()
    return Content(
        mask(tables, plan, cells),
        {"threshold": THRESHOLD, "counts": cells.cells.height, "hidden": plan.hidden.height},
        partial(remember, cells, plan),
    )


def former_counts(shelf: Shelf) -> list[Former]:
    """What every kept edition printed and hid. Raises Unaccounted."""
    found = []
    for kept in shelf.kept():
        path = shelf.confidential(kept.name)
        try:
            found.append(recall(path))
        except (FileNotFoundError, pl.exceptions.PolarsError) as lost:
            raise Unaccounted(kept, path) from lost
    return found


def verify(edition: Edition) -> None:
    """Every file of a kept edition is as it was published. Raises Damaged, naming those that are not."""
    if told := manifest.damage(edition):
        raise Damaged(edition, told)


@contextmanager
def _alone(shelf: Shelf):
    """One publication at a time; nightly runs go on meanwhile."""
    shelf.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(shelf.root / ".lock", timeout=lock_wait())
    hold(lock)
    try:
        yield
    finally:
        lock.release()


def _sweep(shelf: Shelf) -> None:
    """Clear what a publication that died left behind."""
    for half in shelf.root.glob("[0-9]*/.*.part"):
        shutil.rmtree(half)
    for half in shelf.confidential("").parent.glob(".*.part"):
        half.unlink()


def _freeze(
    shelf: Shelf, book: Book, made: Content, made_from: dict[str, Any], forms: Sequence[tuple[str, rendering.Form]]
) -> Edition:
    place = shelf.root / book.imprint.year / str(book.imprint.edition)
    half = place.with_name(f".{place.name}.part")
    half.mkdir(parents=True)
    try:
        PROGRESS.step("forms", len(forms))
        for done, (name, form) in enumerate(forms):
            PROGRESS.advance(done, len(forms), name)
            rendering.render(name, form, book, half)
        PROGRESS.step("freeze")
        manifest.write(half, manifest.manifest(book, made_from, made.hidden, half))
        _seal(half)
        made.remember(shelf.confidential(book.imprint.name))
        os.rename(half, place)
        settle(place.parent)
        settle(shelf.root)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return Edition(book.imprint.year, book.imprint.edition, place)


def _seal(folder: Path) -> None:
    """Files that nobody writes any more, and all of it on disk before the folder gets its name."""
    for path in [*sorted(folder.rglob("*")), folder]:
        if path.is_file():
            path.chmod(0o444)
        settle(path)
