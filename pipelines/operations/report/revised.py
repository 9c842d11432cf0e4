"""Which released values changed most, and which deliveries changed them."""

from __future__ import annotations

from typing import Any

from pipelines.operations.record import Record
from pipelines.operations.report.content import Change, Changed

#: changes of each kind that are told
MOST = 8

COUNTS = """
    select count(*) as values, count(*) filter (old is null) as appeared, count(*) filter (new is null) as vanished
    from {ops}.revision
"""
CAUSES = """
    select coalesce(nullif(delivery, ''), '') as cause, count(*) as values
    from {ops}.revision group by all order by count(*) desc, cause limit 8
"""
CHANGES = """
    with named as (
        select region_code, arg_max(region_name, valid_from) as region_name from released.reference.region group by all
    ),
    named_indicator as (select indicator_key, name_zh, unit, decimals from released.reference.indicator),
    changes as (
        select indicator_key, coalesce(name_zh, indicator_key) as indicator_name, variant, region_code,
               coalesce(region_name, region_code) as region_name, period, coalesce(unit, '') as unit,
               coalesce(decimals, 2) as decimals, old, new, new - old as difference,
               case when old <> 0 then (new - old) / abs(old) end as relative, coalesce(delivery, '') as cause
        from {ops}.revision
        left join named_indicator using (indicator_key)
        left join named using (region_code)
    )
    select * from changes where {kept}
    order by {measure} desc nulls last, indicator_key, variant, region_code, period limit {most}
"""
IS_CHANGE = "old is not null and new is not null"


def changed(record: Record) -> Changed:
    """The values that the run's release gave anew, the largest changes by their share and by their size.

    Sizes are compared across indicators as they stand, whatever their units: counts of persons come before rates.
    """
    counts = record.one(COUNTS)
    if not counts.get("values"):
        return Changed()
    return Changed(
        **counts,
        largest_relative=_most(record, f"{IS_CHANGE} and relative is not null", "abs(relative)"),
        largest_absolute=_most(record, IS_CHANGE, "abs(difference)"),
        largest_vanished=_most(record, "new is null", "abs(old)"),
        causes={row["cause"]: row["values"] for row in record.rows(CAUSES)},
    )


def _most(record: Record, kept: str, measure: str) -> tuple[Change, ...]:
    sql = CHANGES.replace("{kept}", kept).replace("{measure}", measure).replace("{most}", str(MOST))
    rows: list[dict[str, Any]] = record.rows(sql)
    return tuple(Change(**row) for row in rows)
