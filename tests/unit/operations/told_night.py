"""A night written by hand: what a run recorded, and the releases it stands between, in folders of a test's own."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.settings import Settings
from pipelines.warehouse.ops import TABLES

FORMER, PRESENT = "20260305T180000Z-aaaaaaaa", "20260306T180100Z-bbbbbbbb"
BEGAN, ENDED = datetime(2026, 3, 6, 18, 0, tzinfo=UTC), datetime(2026, 3, 6, 18, 1, 35, tzinfo=UTC)

REFERENCE = """
create schema reference; create schema ops;
create table reference.region (region_code varchar, region_name varchar, level varchar, parent_code varchar,
    county_kind varchar, reports_separately boolean, valid_from date, valid_to date, successor_code varchar);
insert into reference.region values
    ('000000', '全国', 'nation', null, 'na', false, '2000-01-01', null, null),
    ('510000', '四川省', 'province', '000000', 'na', false, '2000-01-01', null, null),
    ('511700', '达州市', 'prefecture', '510000', 'na', false, '2000-01-01', null, null),
    ('511702', '通川区', 'county', '511700', 'urban_district', false, '2000-01-01', null, null);
create table reference.document (document_key varchar, scope_region varchar);
insert into reference.document values ('plan', '511700');
create table reference.indicator (indicator_key varchar, name_zh varchar, unit varchar, decimals integer);
insert into reference.indicator values ('beds', '养老床位数', '张', 0), ('rate', '参保率', '%', 2);
"""
DELIVERY = {
    "source": "population", "period": "2025", "supplier": "511702", "revision": 1, "path": "population/2025/511702.csv",
    "sha256": "a" * 64, "received_at": datetime(2026, 1, 5), "state": "landed", "reason": None,
}  # fmt: skip
ORIGIN = {"source": "population", "title": "人口数"}


def delivery(path: str, **facts: Any) -> dict[str, Any]:
    """A row of ops.delivery for a path; its name says the rest."""
    source, period, name = path.split("/")
    supplier, _, revision = name.partition(".")[0].partition("_r")
    named = {"source": source, "period": period, "supplier": supplier, "revision": int(revision or 1), "path": path}
    return DELIVERY | named | facts


def tables(connection: duckdb.DuckDBPyConnection, schema: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """All ops tables in a schema, with the rows given."""
    for name, (_, columns) in TABLES.items():
        declared = ", ".join(f'"{column}" {kind}' for column, (kind, _) in columns.items())
        connection.execute(f"create table {schema}.{name} ({declared})")
        for row in rows.get(name, []):
            names = ", ".join(f'"{column}"' for column in row)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into {schema}.{name} ({names}) values ({marks})", list(row.values()))


class Night:
    """`recorded` writes ops.duckdb, `released` a release and puts it in service."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(folder / "raw", folder / "var", folder / "dbt", folder / "expectations")
        self.settings.warehouse.mkdir(parents=True)
        self.settings.expectations.mkdir()

    def calendar(self, *lines: str) -> None:
        columns = "source,supplier,months,due_months,due_day,grace_days,first_period,last_period,note"
        text = "\n".join([columns, *lines]) + "\n"
        (self.settings.expectations / "delivery_calendar.csv").write_text(text, encoding="utf-8")

    def recorded(self, at: datetime = ENDED, **rows: list[dict[str, Any]]) -> None:
        with duckdb.connect(str(self.settings.ops)) as connection:
            tables(connection, "main", rows)
        os.utime(self.settings.ops, (at.timestamp(), at.timestamp()))

    def released(self, release_id: str, **rows: list[dict[str, Any]]) -> None:
        folder = self.settings.warehouse / "releases" / release_id
        (folder / "parquet").mkdir(parents=True)
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute(REFERENCE)
            tables(connection, "ops", rows)
        at = datetime.strptime(release_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).isoformat()
        state = {"release_id": release_id, "released_at": at, "fingerprint": "x", "code_version": "x", "sha256": {}}
        (folder / "release.json").write_text(json.dumps(state), encoding="utf-8")
        leads = {"current": f"releases/{release_id}"}
        leads |= {name: f"current/{name}" for name in ("marts.duckdb", "parquet", "release.json")}
        for name, target in leads.items():
            link = self.settings.warehouse / name
            link.unlink(missing_ok=True)
            link.symlink_to(target)

    def ended(self, state: State, *failures: Failure, **facts: Any) -> Outcome:
        """How this night ended; FORMER was in service before it."""
        known = {"release_id": PRESENT if state is State.RELEASED else FORMER, "former_release_id": FORMER}
        known |= {"run_id": "run-1", "started_by": "schedule"}
        return Outcome(state=state, started_at=BEGAN, ended_at=ENDED, failures=failures, **known | facts)


NOW = ENDED + timedelta(seconds=5)
