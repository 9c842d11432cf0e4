"""Dagster's records of runs, kept within bounds: through Dagster, and then the files that it leaves behind."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.settings import Settings

KEPT_DAYS = 30
#: the newest runs that are kept, however many there were
KEPT_RUNS = 60
#: removed at a time: after a long outage of tidying, the rest follows in the next nights
AT_A_TIME = 50
#: a database is written anew where at least this many of its bytes, and a third of them, are free
WORTHWHILE_BYTES = 8 * 2**20


def old_runs(settings: Settings, now: datetime) -> list[Path]:
    """The event logs of runs that may go, the oldest first; never those of runs whose release is kept."""
    folder = settings.dagster_home / "history" / "runs"
    releases = {path.name.rpartition("-")[2] for path in (settings.warehouse / "releases").glob("*/")}
    logs = sorted((path for path in folder.glob("*-*.db")), key=lambda path: path.stat().st_mtime)
    before = (now - timedelta(days=KEPT_DAYS)).timestamp()
    newest = set(logs[-KEPT_RUNS:])
    gone = [path for path in logs if path not in newest or path.stat().st_mtime < before]
    return [path for path in gone if path.stem[:8] not in releases][:AT_A_TIME]


def forget_runs(settings: Settings, logs: list[Path]) -> None:
    """Remove the records of finished runs, and give the space back to the disk."""
    import dagster as dg

    settings.export()  # dagster.yaml names the home by its variable
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        for log in logs:
            run = instance.get_run_by_id(log.stem)
            if run is not None and not run.is_finished:
                continue
            if run is not None:
                instance.delete_run(log.stem)
            for suffix in ("", "-wal", "-shm", "-journal"):
                log.with_name(log.name + suffix).unlink(missing_ok=True)
            shutil.rmtree(settings.dagster_home / "storage" / log.stem, ignore_errors=True)
    for database in (settings.dagster_home / "history").rglob("*.db"):
        if database.name in ("index.db", "runs.db"):
            compact(database)


def forget_looks(settings: Settings, now: datetime) -> None:
    """What the hourly look reported (freshness.py): no run's, so Dagster keeps it for ever."""
    before = (now - timedelta(days=KEPT_DAYS)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    for name in (".db", "index.db"):
        database = settings.dagster_home / "history" / "runs" / name
        if not database.exists():
            continue
        with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
            connection.execute(
                "delete from event_logs where run_id = '' and timestamp < ?"
                " and dagster_event_type = 'ASSET_CHECK_EVALUATION'",
                [before],
            )
            connection.execute(
                "delete from asset_check_executions where run_id = '' and create_timestamp < ?", [before]
            )
        compact(database)


def compact(database: Path) -> bool:
    """Write a SQLite file anew without the room of deleted rows, where that is worth it and nobody is writing."""
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
        [pages], [free], [size] = (
            connection.execute(f"pragma {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
        )
        if free * size < WORTHWHILE_BYTES or free * 3 < pages:
            return False
        try:
            connection.execute("vacuum")
        except sqlite3.OperationalError:  # in use, or no room for the copy: another night
            return False
    return True
