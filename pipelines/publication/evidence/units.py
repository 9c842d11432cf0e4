"""Units judged one by one (threshold shares): which meet the limit, which do not, and which nobody told of."""

from __future__ import annotations

from typing import Any

from pipelines.publication.evidence.files import SHOWN_ROWS, plain
from pipelines.publication.evidence.lookup import Figure
from pipelines.publication.evidence.opened import Evidence

_UNITS = """
select
    units.unit_code,
    coalesce(regions.region_name, '') as unit_name,
    units.region_code,
    units.unit_value as value,
    units.is_missing,
    units.is_not_applicable,
    case $operator
        when '>=' then units.unit_value >= $limit
        when '>' then units.unit_value > $limit
        when '<=' then units.unit_value <= $limit
        when '<' then units.unit_value < $limit
        when '=' then units.unit_value = $limit
    end as is_met
from kept.indicators.threshold_unit as units
inner join carestat.reference.region_ancestor as ancestry
    on units.region_code = ancestry.region_code and units.period = ancestry.period
left join carestat.reference.region_year as regions
    on units.unit_code = regions.region_code and units.period = regions.period
where
    units.threshold_unit_value = $formula
    and units.units_measure = $listed
    and units.period = $period
    and ancestry.ancestor_code = $region
order by is_met nulls first, units.unit_value, units.unit_code
"""


def units_of(evidence: Evidence, figure: Figure, all_rows: bool) -> dict[str, Any]:
    """Counts of the units of a threshold share, and the units themselves, the failing first: the first 20, or all."""
    definition = figure.definition
    cursor = evidence.connection.execute(
        _UNITS,
        {
            "operator": definition["threshold_operator"],
            "limit": definition["threshold_value"],
            "formula": definition["threshold_unit_value"],
            "listed": definition["denominator_measure"],
            "period": figure.value["period"],
            "region": figure.value["region_code"],
        },
    )
    names = [column[0] for column in cursor.description or []]
    units = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    known = [unit for unit in units if unit["value"] is not None]
    return {
        "formula": definition["threshold_unit_value"],
        "limit": f"{definition['threshold_operator']} {plain(definition['threshold_value'])}",
        "units": len(units),
        "met": sum(unit["is_met"] for unit in known),
        "known": len(known),
        "not_delivered": sum(unit["is_missing"] for unit in units),
        "not_applicable": sum(unit["is_not_applicable"] for unit in units),
        "listed": units if all_rows else units[:SHOWN_ROWS],
    }
