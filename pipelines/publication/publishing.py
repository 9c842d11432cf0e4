"""`carestat publish` and `carestat diff` from the command line: what they say, and their exit codes."""

from __future__ import annotations

import errno
import sys
from datetime import UTC, datetime

import duckdb

from pipelines.progress import PROGRESS
from pipelines.publication import diff, diff_shown
from pipelines.publication.disclosure.audit import Recoverable
from pipelines.publication.disclosure.plan import NotProtectable
from pipelines.publication.edition import NotPublished, Request, publish, verify
from pipelines.publication.evidence.opened import NoEvidence
from pipelines.publication.objections import BadCalendar, NothingOfYear
from pipelines.publication.rendering import FormFailed
from pipelines.publication.shelf import NoEdition, Shelf
from pipelines.settings import Settings
from pipelines.warehouse.lock import AnotherRun
from pipelines.warehouse.read import NoRelease

REFUSALS = (
    NotPublished,
    FormFailed,
    NoEvidence,
    NothingOfYear,
    BadCalendar,
    NotProtectable,
    Recoverable,
    NoRelease,
    AnotherRun,
    duckdb.Error,
)
WHY = {
    errno.ENOSPC: "磁盘已满 · the disk is full",
    errno.EDQUOT: "超出配额 · quota exceeded",
    errno.EROFS: "文件系统只读 · the file system is read-only",
    errno.EACCES: "没有写权限 · not permitted",
    errno.EPERM: "没有写权限 · not permitted",
}


def run_publish(settings: Settings, request: Request, shelf: Shelf) -> int:
    """Exit code: 0 published, or published before from the same · 1 not published; every kept edition stays."""
    PROGRESS.start()
    try:
        try:
            published = publish(settings, request, datetime.now(UTC), shelf)
        finally:
            PROGRESS.stop()
    except REFUSALS as refused:
        say(str(refused))
        return 1
    except OSError as broken:
        why = WHY.get(broken.errno or 0, broken.strerror or str(broken))
        say(f"公报未能写入，原有公报不变 · not published, what is kept stays: {broken.filename or shelf.root}：{why}")
        return 1
    edition = published.edition
    if published.is_new:
        say(f"已公布 {edition.name} · published: {edition.folder}")
    else:
        say(f"{edition.name} 已由同一发布制成，核对无误 · made of the same release before, verified: {edition.folder}")
    return 0


def run_verify(shelf: Shelf, name: str) -> int:
    """Exit code: 0 as it was published · 1 damaged, or not kept."""
    try:
        edition = shelf.named(name)
        verify(edition)
    except (NoEdition, NotPublished) as damaged:
        say(str(damaged))
        return 1
    say(f"{edition.name} 与公布时一致 · as it was published: {edition.folder}")
    return 0


def run_diff(shelf: Shelf, names: tuple[str, str], form: str) -> int:
    """Exit code: 0 compared · 1 no such edition."""
    try:
        old, new = (shelf.named(name) for name in names)
    except NoEdition as unknown:
        say(str(unknown))
        return 1
    between = diff.between_years(old, new) if old.year != new.year else None
    shown = {"text": diff_shown.as_text, "html": diff_shown.as_html, "csv": diff_shown.as_csv}[form]
    sys.stdout.write(shown(old, new, diff.changes(old, new), between))
    return 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
