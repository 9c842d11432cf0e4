"""The parts of a report that the ops tables tell by themselves: checks, findings, corrections, rows, states."""

from __future__ import annotations

from pipelines.landing.reasons import title_of
from pipelines.operations.record import Record
from pipelines.operations.report.content import Check, Checks, Corrections, Finding, Rows

#: findings that ask for something to be done: shown first, however few
PRESSING = ("changed_in_place", "still_being_written", "correction_stale", "correction_invalid")
EXAMPLES = 3
#: rows that a failed check names
DETAILS = 5

CHECKS = """
    select suite, "check", severity, waived, coalesce(reason_zh, '') as reason, coalesce(unexpected_count, 0) as rows,
           coalesce(nullif(error, ''), detail, '') as detail, coalesce(error, '') <> '' as is_error
    from {ops}.check_result
    where not success
    order by severity <> 'critical', suite, "check"
"""
FINDINGS = f"""
    select finding, count(*) as count, list_distinct(min(path, {EXAMPLES})) as examples
    from {{ops}}.finding
    group by finding
    order by count(*) desc, finding
"""
ROWS = """
    select count(*) as files, coalesce(sum(delivered), 0)::bigint as delivered,
           coalesce(sum(landed), 0)::bigint as landed, coalesce(sum(quarantined), 0)::bigint as quarantined,
           coalesce(sum(superseded), 0)::bigint as superseded, coalesce(sum(ignored), 0)::bigint as ignored
    from {ops}.reconciliation
"""


def checks_of(record: Record) -> Checks:
    """What the run's checks found."""
    counted = record.one("select count(*) as run, count(*) filter (success) as passed from {ops}.check_result")
    listed = [
        (
            Check(
                row["suite"], row["check"], row["severity"], row["reason"], row["rows"],
                tuple(line for line in row["detail"].splitlines() if line.strip())[:DETAILS], row["is_error"],
            ),
            row["waived"],
        )
        for row in record.rows(CHECKS)
    ]  # fmt: skip
    failed = tuple(check for check, is_waived in listed if not is_waived)
    waived = tuple(check for check, is_waived in listed if is_waived)
    return Checks(counted.get("run", 0), counted.get("passed", 0), failed, waived)


def findings_of(record: Record) -> tuple[Finding, ...]:
    """Those that press first, then the most frequent."""
    found = [
        Finding(
            row["finding"], title_of(f"finding:{row['finding']}"), row["count"], row["finding"] in PRESSING,
            tuple(row["examples"] or ()),
        )
        for row in record.rows(FINDINGS)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: PRESSING.index(one.finding) if one.is_pressing else len(PRESSING)))


def corrections_of(record: Record, findings: tuple[Finding, ...]) -> Corrections:
    """Cells corrected by the run, and entries that ask to be looked at."""
    counts = {one.finding: one.count for one in findings}
    applied = record.one("select count(*) as cells from {ops}.correction").get("cells", 0)
    return Corrections(applied, counts.get("correction_stale", 0), counts.get("correction_invalid", 0))


def rows_of(record: Record) -> Rows | None:
    """Where the rows went; None where the run told of none."""
    counted = record.one(ROWS)
    return Rows(**counted) if counted.get("files") else None


def states_of(record: Record) -> dict[str, int]:
    """State of ops.delivery → files."""
    counted = record.rows("select state, count(*) as files from {ops}.delivery group by state order by state")
    return {row["state"]: row["files"] for row in counted}


def titles_of(record: Record) -> dict[str, str]:
    """Source → its Chinese name."""
    told = record.rows("select source, title from {ops}.origin where title is not null")
    return {row["source"]: row["title"] for row in told or record.rows("select source, title from released.ops.origin")}
