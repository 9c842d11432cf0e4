"""What was refused, by who has to mend what: aggregated in DuckDB, since as many rows may be refused as came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.contracts import SOURCES, contract_of
from pipelines.landing.reasons import FILE_REASONS, FILE_REMEDIES, of_row, title_of
from pipelines.operations.places import Places
from pipelines.operations.record import Record
from pipelines.operations.report.content import Refusal, Refused
from pipelines.settings import Settings

#: groups that are told with their remedy: more than a person mends in a day
TOLD = 60

COUNTS = """
    select count(*) filter (state = 'rejected') as files,
           count(*) filter (state = 'rejected' and path in (select path from came)) as new_files
    from {ops}.delivery
"""
ROWS = """
    select count(*) as rows, count(*) filter (path in (select path from came)) as new_rows from {ops}.quarantine
"""
REASONS = (
    "select reason, count(*) as rows from {ops}.quarantine group by reason order by count(*) desc, reason limit 20"
)
GROUPS = """
    with refused as (
        select path, source, reason, "column", count(*) as rows from {ops}.quarantine group by all
        union all
        select path, source, reason, null, 0 from {ops}.delivery where state = 'rejected' and reason <> ''
    ),
    of_supplier as (
        select refused.*, coalesce(supplier, '') as supplier, coalesce(period, '') as period,
               path in (select path from came) as is_new
        from refused left join (select path, supplier, period from {ops}.delivery) using (path)
    )
    select source, supplier, reason, coalesce("column", '') as "column", is_new, sum(rows)::bigint as rows,
           count(*) as files, min(path) as path, min(period) as period, count(*) over () as groups
    from of_supplier
    group by source, supplier, reason, "column", is_new
    order by is_new desc, sum(rows) = 0 desc, sum(rows) desc, source, supplier, reason, "column"
    limit {told}
"""


def refused(settings: Settings, record: Record, titles: dict[str, str], places: Places) -> Refused:
    """What stands refused in the run's deliveries, those that came with it apart (arrivals.py)."""
    files, rows = record.one(COUNTS), record.one(ROWS)
    groups = record.rows(GROUPS.replace("{told}", str(TOLD)))
    return Refused(
        rows=rows.get("rows", 0),
        files=files.get("files", 0),
        new_rows=rows.get("new_rows", 0),
        new_files=files.get("new_files", 0),
        reasons={row["reason"]: row["rows"] for row in record.rows(REASONS)},
        listed=tuple(_refusal(settings, row, titles, places) for row in groups),
        more=groups[0]["groups"] - len(groups) if groups else 0,
    )


def _refusal(settings: Settings, row: dict[str, Any], titles: dict[str, str], places: Places) -> Refusal:
    source, reason = row["source"], row["reason"]
    contract = contract_of(source) if source in SOURCES else None
    return Refusal(
        source=source,
        source_title=titles.get(source, source),
        supplier=row["supplier"],
        supplier_name=places.name(row["supplier"]),
        reason=reason,
        reason_title=title_of(reason, contract),
        column=row["column"],
        remedy=_remedy(contract, reason, row["column"] or None),
        rows=row["rows"],
        files=row["files"],
        is_new=row["is_new"],
        path=f"raw/{row['path']}",
        answer=_answer(settings.var, row),
    )


def _remedy(contract: Any, reason: str, column: str | None) -> str:
    """What the supplier is told to do; nothing for a reason that the contract no longer knows."""
    if reason in FILE_REASONS:
        return FILE_REMEDIES[reason]
    try:
        return of_row(contract, reason, column).remedy
    except (KeyError, StopIteration, TypeError, AttributeError):
        return ""


def _answer(var: Path, row: dict[str, Any]) -> str:
    """Where the supplier's answer lies, from var/ on; nothing where it lies under a digest (landing/answers.py)."""
    answer = Path("quarantine", row["source"], row["period"], f"{Path(row['path']).name}.answer.xlsx")
    return f"var/{answer.as_posix()}" if (var / answer).is_file() else ""
