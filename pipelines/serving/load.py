"""A release onto the server: loaded beside the one in service and put in its place in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pipelines.publication.disclosure.former import Former, former, recall, remember
from pipelines.publication.edition import former_counts
from pipelines.publication.shelf import Shelf
from pipelines.serving import fill
from pipelines.serving.hidden import Hidden, hide
from pipelines.serving.protection import tables_of
from pipelines.serving.server import Connection
from pipelines.serving.shape import shape_of
from pipelines.settings import Settings
from pipelines.warehouse.read import connect as open_release
from pipelines.warehouse.read import released_file

SETUP = Path(__file__).parent / "setup.sql"
#: what disclosure control and the tables of a load depend on, beside the release
CODE = (Path(__file__).parent, Path(__file__).parents[1] / "publication" / "disclosure")
#: one load at a time, on one server
ADVISORY = 0x_CA2E_57A7
#: loads whose counts later plans have to reckon with, like the releases that are kept
KEPT_LOADS = 14


@dataclass(frozen=True)
class Loaded:
    """What is served: the release, whether it was loaded now, how many counts of persons are hidden; why all of them
    are, where no plan would do.
    """

    release_id: str
    is_new: bool
    hidden: int = 0
    rows: int = 0
    all_because: str = ""


def load(settings: Settings, connection: Connection) -> Loaded:
    """Serve the release in service. A release that is served already, under the same rules, is left as it is.

    Raises NotListed, UnknownType, Unaccounted, NoRelease, NotSwapped, psycopg.Error; then the former load is still
    served.
    """
    release_folder = released_file(settings).resolve().parent
    facts = json.loads((release_folder / "release.json").read_text(encoding="utf-8"))
    shelf = Shelf(settings.publication)
    facts["fingerprint"] = _fingerprint(facts["release_id"], shelf)
    connection.execute("select pg_advisory_lock(%s)", [ADVISORY])
    try:
        served = _served(connection)
        if served and served.fingerprint == facts["fingerprint"]:
            return Loaded(facts["release_id"], is_new=False)
        connection.execute(SETUP.read_text(encoding="utf-8"))
        release = open_release(release_folder / "marts.duckdb")
        try:
            tables = tables_of(release)
            hidden = hide(release, [*former_counts(shelf), *_former_loads(settings)])
            # before anybody can see it
            _remember(settings, f"{facts['release_id']}-{facts['fingerprint'][:8]}", hidden)
            made = shape_of(release, tables)
            facts["shape"] = made.digest
            if served and served.shape == made.digest:
                written = fill.append(connection, release, tables, facts | {"load": served.load + 1})
            else:
                load_now = served.load if served else 1
                written = fill.replace(connection, release, tables, made, facts | {"load": load_now})
        finally:
            release.close()
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [ADVISORY])
    return Loaded(facts["release_id"], True, hidden.plan.hidden.height, written, hidden.all_because)


@dataclass(frozen=True)
class _Served:
    fingerprint: str
    shape: str
    load: int


def _served(connection: Connection) -> _Served | None:
    try:
        found = connection.execute("select fingerprint, shape, load from carestat.release").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return _Served(*found) if found else None


def _fingerprint(release_id: str, shelf: Shelf) -> str:
    """Of the release, the rules it is served under, and the editions whose figures are known to everybody."""
    digest = hashlib.sha256(release_id.encode())
    for code in CODE:
        for path in sorted([*code.glob("*.py"), *code.glob("*.sql"), *code.glob("*.yml")]):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for edition in shelf.kept():
        digest.update(edition.name.encode() + b"\0")
    return digest.hexdigest()


def _loads(settings: Settings) -> Path:
    return settings.publication / "confidential" / "served"


def _former_loads(settings: Settings) -> list[Former]:
    """What former loads have shown: whoever asked then may have kept it."""
    return [recall(path) for path in sorted(_loads(settings).glob("*.parquet"))]


def _remember(settings: Settings, name: str, hidden: Hidden) -> None:
    """A load that shows the same as one before is known by that."""
    shown = former(hidden.cells, hidden.plan)
    for known in _former_loads(settings):
        if known.cells.equals(shown.cells) and known.relations.equals(shown.relations):
            return
    remember(hidden.cells, hidden.plan, _loads(settings) / f"{name}.parquet")
    for old in sorted(_loads(settings).glob("*.parquet"))[:-KEPT_LOADS]:
        old.unlink()
