"""Which regions' own reports made up a reported figure (spec §8): a region's own figure outranks those beneath it,
measure by measure; where it has none, its children stand for it, each by the same rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipelines.publication.evidence.opened import Evidence

_UNREPORTED = """
select supplier_code
from carestat.reference.region_supplier
where
    region_code = $region
    and period = $period
    and born_level = coalesce(
        (select grain from carestat.reference.measure where measure_key = $measure), 'county'
    )
    and supplier_code not in (
        select region_code from carestat.reference.region_ancestor
        where period = $period and ancestor_code in (select unnest($told))
    )
    and supplier_code not in (
        select ancestor_code from carestat.reference.region_ancestor
        where period = $period and region_code in (select unnest($told))
    )
order by supplier_code
"""

_OWN = """
select measure_key, region_code, value, is_not_applicable
from (
    from kept.measures.msr_population
    union all by name
    from kept.measures.msr_deaths
    union all by name
    from kept.measures.msr_agency_returns
) as own
where period = ?
"""

_CHILDREN = """
select region_code, parent_code
from carestat.reference.region_year
where
    period = $period
    and region_code in (
        select ancestor_code from carestat.reference.region_ancestor
        where period = $period and region_code in (select unnest($own))
    )
    and region_code <> parent_code
    -- a zone within its host's figures is in them already
    and (county_kind <> 'zone' or reports_separately)
order by region_code
"""


@dataclass(frozen=True)
class Own:
    """A region's own figure of a measure; without a value it was blank, or said 不适用."""

    region_code: str
    value: Decimal | None
    is_not_applicable: bool


class Reports:
    """All own figures of a year, and which regions lie beneath which."""

    def __init__(self, evidence: Evidence, period: str) -> None:
        self._own: dict[str, dict[str, Own]] = defaultdict(dict)
        for measure_key, *own in evidence.rows(_OWN, period):
            self._own[measure_key][own[0]] = Own(*own)
        reporting = sorted({code for own in self._own.values() for code in own})
        self._children: dict[str, list[str]] = defaultdict(list)
        given = {"period": period, "own": reporting}
        for child, parent in evidence.connection.execute(_CHILDREN, given).fetchall():
            self._children[parent].append(child)
        # bands of the life table are in no register; they may be summed
        self._alone = {
            key
            for (key,) in evidence.rows(
                "select measure_key from carestat.reference.measure where not additive_over_regions"
            )
        }

    def contributors(self, measure_key: str, region_code: str) -> list[Own]:
        """The own figures that a region's figure is made of: its own alone, or those of regions beneath; none if
        nobody reported."""
        told = self._own[measure_key].get(region_code)
        if told and (told.value is not None or told.is_not_applicable):
            return [told]
        children = () if measure_key in self._alone else self._children[region_code]
        below = [own for child in children for own in self.contributors(measure_key, child)]
        return below or ([told] if told else [])


@lru_cache(maxsize=16)
def reports(evidence: Evidence, period: str) -> Reports:
    """The reports of a year, read once."""
    return Reports(evidence, period)


def named(evidence: Evidence, codes: list[str], period: str) -> list[dict[str, str]]:
    """Regions by code and that year's name, in the order of their codes."""
    return evidence.records(
        "select region_code, region_name from carestat.reference.region_year"
        " where period = ? and region_code in (select unnest(?)) order by region_code",
        period,
        codes,
    )


def missing_suppliers(
    evidence: Evidence, measure_key: str, region_code: str, period: str, own: list[Own]
) -> list[dict[str, str]]:
    """Whom a region's figure of a measure still waits for, by name; `why` says what of it is lacking. own: what was
    reported towards it."""
    rule = evidence.rules[measure_key]
    if rule.source == "regions":
        return []
    if rule.region_rule == "own":
        return [] if _has_milestone(evidence, rule.among, region_code, period) else _lacking(
            evidence, [region_code], period
        )  # fmt: skip
    if rule.source == "fund_ledger" or measure_key == "training_bases_own_total":
        waiting = evidence.rows(
            "select government.region_code from kept.measures.government_delivery as government"
            " inner join carestat.reference.region_ancestor as ancestry"
            " on government.region_code = ancestry.region_code and government.period = ancestry.period"
            " where government.source = ? and government.is_expected and not government.is_delivered"
            " and ancestry.ancestor_code = ? and government.period = ?",
            rule.source, region_code, period,
        )  # fmt: skip
        return _lacking(evidence, [code for (code,) in waiting], period)
    if rule.region_rule == "reported":
        return _lacking(evidence, _unreported(evidence, measure_key, region_code, period, own), period)
    registered = evidence.records(
        "select annual_rule from carestat.reference.measure where measure_key = ?", measure_key
    )
    months = 12 if registered and registered[0]["annual_rule"] == "sum" else 1
    waiting = evidence.rows(
        "select suppliers.supplier_code, coalesce(delivered.n_periods, 0)"
        " from carestat.reference.region_supplier as suppliers left join kept.staging.county_delivery as delivered"
        " on delivered.source = ? and suppliers.supplier_code = delivered.county_code"
        " and suppliers.period = delivered.period"
        " where suppliers.region_code = ? and suppliers.period = ? and suppliers.born_level = 'county'"
        " and coalesce(delivered.n_periods, 0) < ?",
        rule.source, region_code, period, months,
    )  # fmt: skip
    delivered = dict(waiting)
    return [
        region
        | {"why": f"只报了 {delivered[region['region_code']]} 个月" if delivered[region["region_code"]] else "未报送"}
        for region in named(evidence, list(delivered), period)
    ]


def _lacking(evidence: Evidence, codes: list[str], period: str) -> list[dict[str, str]]:
    return [region | {"why": "未报送"} for region in named(evidence, codes, period)]


def _has_milestone(evidence: Evidence, among: str, region_code: str, period: str) -> bool:
    return bool(
        evidence.rows(
            f"select 1 from work.staging.stg_task_ledger where {among} and region_code = ? and period = ? limit 1",
            region_code,
            period,
        )
    )


def _unreported(evidence: Evidence, measure_key: str, region_code: str, period: str, own: list[Own]) -> list[str]:
    """Expected units that neither spoke for themselves, nor are spoken for above or beneath."""
    told = [figure.region_code for figure in own if figure.value is not None or figure.is_not_applicable]
    given = {"region": region_code, "period": period, "measure": measure_key, "told": told}
    return [code for (code,) in evidence.connection.execute(_UNREPORTED, given).fetchall()]
