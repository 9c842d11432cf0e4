"""What the last finished run recorded, open for questions: ops.duckdb, else the released file's own ops tables.

Nothing here fails for what became of a file: a table that cannot be read has no rows, and `problem` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.settings import Settings

#: bounds of the questions asked here: they aggregate, whatever a run refused
LIMITS = "set threads = 2; set memory_limit = '512MB'; set temp_directory = ''"


class Record:
    """`schema`: where the run's tables are ("run.main" or "released.ops"), None where there are none; `recorded_at`:
    when the run that left them ended; `is_released`: the release in service is open as `released`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.schema: str | None = None
        self.is_released = False
        self.recorded_at: datetime | None = None
        self.problem = ""

    def attach(self, file: Path, name: str) -> bool:
        """Whether a DuckDB file could be opened, under `name`."""
        if not file.exists():
            return False
        try:
            self._connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        except duckdb.Error as broken:
            self._trouble(f"{file.name} 打不开 · cannot be opened", broken)
            return False
        return True

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a question, each by column; `{ops}` in it stands for the run's tables. No rows where it fails.

        Without parameters: given any, DuckDB loads pandas, which takes longer than everything that is asked here.
        """
        if (self.schema is None and "{ops}" in sql) or (not self.is_released and " released." in sql):
            return []
        try:
            cursor = self._connection.execute(sql.replace("{ops}", self.schema or ""))
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as broken:
            self._trouble("记录不全 · incomplete record", broken)
            return []

    def one(self, sql: str) -> dict[str, Any]:
        """The first row, or nothing."""
        return next(iter(self.rows(sql)), {})

    def _trouble(self, what: str, broken: duckdb.Error) -> None:
        self.problem = self.problem or f"{what}（{type(broken).__name__}）"


@contextmanager
def opened(settings: Settings) -> Iterator[Record]:
    """The record of the last finished run, and the release in service as `released` where there is one."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute(LIMITS)
        record = Record(connection)
        record.is_released = record.attach(settings.released, "released")
        if record.attach(settings.ops, "run"):
            record.schema, record.recorded_at = "run.main", _changed_at(settings.ops)
        elif record.is_released:
            record.schema, record.recorded_at = "released.ops", _changed_at(settings.released)
        yield record


def _changed_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
