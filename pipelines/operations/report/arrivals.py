"""Which deliveries came since the former release: what the run looked at against what that release was made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any

import polars as pl

from pipelines.operations.arrived import Delivered
from pipelines.operations.local_time import local_day
from pipelines.operations.outcome import Outcome
from pipelines.operations.places import Places
from pipelines.operations.record import Record
from pipelines.operations.report.content import LISTED, Arrival, ArrivalsOfSource, Came
from pipelines.settings import Settings

#: also for other questions on the same record: which of its deliveries came
CHANGED = """
    create or replace temp table came as
    with before as (select path, source, period, supplier, sha256 from {before}),
    changed as (
        select n.*,
               case when exists (
                   select 1 from before b
                   where b.source = n.source and b.period = n.period and b.supplier = n.supplier and b.supplier <> ''
                      or b.path = n.path
               ) then 'revised' else 'new' end as change
        from {ops}.delivery n
        where not exists (select 1 from before b where b.path = n.path and b.sha256 = n.sha256)
    ),
    withdrawn as (
        select b.* from {before} b
        where {is_told} and not exists (select 1 from {ops}.delivery n where n.path = b.path)
    )
    select change, source, period, supplier, revision, path, state, coalesce(reason, '') as reason, received_at,
           delivered as rows, quarantined as refused_rows
    from changed left join {ops}.reconciliation using (path)
    union all
    select 'withdrawn', source, period, supplier, revision, path, state, '', received_at, null, null
    from withdrawn
"""
NOBODY = "create or replace temp table came (path varchar)"
LIST = "select * from came order by source, period, path"
NOTHING = "(select * from {ops}.delivery where false)"


def came(
    settings: Settings, outcome: Outcome, record: Record, is_complete: bool, titles: dict[str, str], places: Places
) -> Came:
    """What came with the run; afterwards table `came` of the record holds it. A run that broke while it landed tells
    nothing withdrawn."""
    before = _former(settings, outcome, record)
    if before is None:
        return none_came(record, outcome, is_known=False)
    is_told = str(is_complete and outcome.former_release_id is not None)
    record.rows(CHANGED.replace("{before}", before).replace("{is_told}", is_told))
    changed = record.rows(LIST)
    counts = {change: sum(row["change"] == change for row in changed) for change in ("new", "revised", "withdrawn")}
    return Came(
        is_known=True,
        since=outcome.former_release_id,
        **counts,
        by_source=tuple(_of_source(source, changed, titles) for source in dict.fromkeys(r["source"] for r in changed)),
        listed=tuple(_arrival(row, titles, places) for row in changed[:LISTED]),
    )


def none_came(record: Record, outcome: Outcome, is_known: bool) -> Came:
    """Of a run that looked at nothing, or with nothing to compare."""
    record.rows(NOBODY)
    return Came(is_known=is_known, since=outcome.former_release_id)


def with_days_late(told: Came, frame: pl.DataFrame) -> Came:
    """The same, new deliveries held against the calendar's rows (calendar.DUE). With the first release comes what may
    have been delivered long before: nothing of it is late."""
    if told.since is None:
        return told
    asked = {(row["source"], row["period"], row["supplier"]): row for row in frame.iter_rows(named=True)}

    def days_late(one: Arrival) -> int | None:
        row = asked.get((one.source, one.period, one.supplier))
        if one.change != "new" or row is None or one.received_at is None:
            return None
        day = local_day(one.received_at)
        return (day - row["due_date"]).days if day > row["grace_until"] else None

    return replace(told, listed=tuple(replace(one, days_late=days_late(one)) for one in told.listed))


def waiting(delivered: Iterable[Delivered]) -> int:
    """Deliveries that no run has looked at yet."""
    return sum(file.state == "waiting" for file in delivered)


def _former(settings: Settings, outcome: Outcome, record: Record) -> str | None:
    """The table of the former release's deliveries; an empty one before the first release, None where it is gone."""
    if outcome.former_release_id is None:
        return NOTHING
    file = settings.warehouse / "releases" / outcome.former_release_id / "marts.duckdb"
    # DuckDB opens a file once: the release in service is open already
    if file.exists() and settings.released.exists() and file.samefile(settings.released):
        return "released.ops.delivery"
    return "former.ops.delivery" if record.attach(file, "former") else None


def _of_source(source: str, changed: list[dict[str, Any]], titles: dict[str, str]) -> ArrivalsOfSource:
    rows = [row for row in changed if row["source"] == source]
    counts = {change: sum(row["change"] == change for row in rows) for change in ("new", "revised", "withdrawn")}
    periods = sorted(row["period"] for row in rows)
    return ArrivalsOfSource(
        source, titles.get(source, source), **counts, first_period=periods[0], last_period=periods[-1]
    )


def _arrival(row: dict[str, Any], titles: dict[str, str], places: Places) -> Arrival:
    received = row["received_at"]
    return Arrival(
        **row | {"received_at": received.replace(tzinfo=UTC) if received else None, "path": f"raw/{row['path']}"},
        source_title=titles.get(row["source"], row["source"]),
        supplier_name=places.name(row["supplier"]),
        days_late=None,
    )
