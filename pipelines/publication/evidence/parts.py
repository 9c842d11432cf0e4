"""What a figure is made of: the measures of its definition, each in the region and year it is asked of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pipelines.publication.evidence.lookup import Figure
from pipelines.publication.evidence.opened import Evidence

#: role of a part → its name for readers
ROLES = {
    "numerator": "分子",
    "addend": "分子另加",
    "denominator": "分母",
    "units": "单位名单",
    "unit_value": "单位值",
    "milestone": "里程碑",
    "population_before": "上年末人口",
    "base_numerator": "对照的分子",
    "base_denominator": "对照的分母",
    "bulletin": "公报数",
}


@dataclass(frozen=True)
class Part:
    """A measure in a region and year, and the role it plays. `each_level`: level of the regions beneath that are asked
    one by one, '' where the region itself is; or_above: the prefecture answers for those that are silent."""

    role: str
    measure_key: str
    region_code: str
    period: str
    each_level: str = ""
    or_above: bool = False


def parts_of(evidence: Evidence, figure: Figure) -> list[Part]:
    """The parts of a figure by its kind, numerator first; none of a year before the register of regions begins."""
    listed = _listed(evidence, figure)
    years = {year for (year,) in evidence.rows("select distinct period from carestat.reference.region_year")}
    return [part for part in listed if part.period in years]


def _listed(evidence: Evidence, figure: Figure) -> list[Part]:
    definition = figure.definition
    region, period = figure.value["region_code"], figure.value["period"]
    numerator, denominator = definition["numerator_measure"], definition["denominator_measure"]
    match definition["kind"]:
        case "threshold_share":
            return _threshold(evidence, definition, region, period)
        case "milestone":
            return [Part("milestone", numerator, region, period)]
        case "life_table":
            return [
                Part("numerator", numerator, region, period),
                Part("denominator", denominator, region, period),
                Part("population_before", denominator, region, str(int(period) - 1)),
            ]
        case "difference":
            own = [Part("numerator", numerator, region, period), Part("denominator", denominator, region, period)]
            return own + _compared(evidence, definition, region, period)
    return [
        Part(role, key, region, period)
        for role, key in (
            ("numerator", numerator),
            ("addend", definition["numerator_addend"]),
            ("denominator", denominator),
        )
        if key
    ]


def _threshold(evidence: Evidence, definition: dict[str, Any], region: str, period: str) -> list[Part]:
    """The list of units, and the measures that the formula asks of each."""
    units = definition["denominator_measure"]
    words = [
        word
        for word in dict.fromkeys(re.findall(r"[a-z_][a-z_0-9]*", definition["threshold_unit_value"]))
        if word in evidence.rules
    ]
    # a measure of regions is asked of every unit, not of the region as a whole
    level = {"prefecture": "prefecture", "prefecture or county": "prefecture_county"}.get(
        definition["threshold_unit"], "county"
    )
    # single places are told by the county around them, else by its prefecture
    around = evidence.rules[units].source != "regions"
    asked = [
        Part("unit_value", word, region, period)
        if evidence.rules[word].region_rule == "beneath"
        else Part("unit_value", word, region, period, level, around)
        for word in words
    ]
    return [Part("units", units, region, period), *asked]


def _compared(evidence: Evidence, definition: dict[str, Any], region: str, period: str) -> list[Part]:
    """What a share is compared with: the level above, or the same ground ten years before."""
    numerator, denominator = definition["numerator_measure"], definition["denominator_measure"]
    if definition["compared_with"] == "ten_years_before":
        before = str(int(period) - 10)
        grounds = evidence.rows(
            "select earlier_code from kept.staging.region_succession where region_code = ? and period = ?"
            " and earlier_code in (select region_code from carestat.reference.region_year where period = ?)"
            " order by earlier_code",
            region, period, before,
        )  # fmt: skip
        return [
            Part(role, key, code, before)
            for (code,) in grounds
            for role, key in (("base_numerator", numerator), ("base_denominator", denominator))
        ]
    above = evidence.rows(
        "select ancestor_code from carestat.reference.region_ancestor"
        " where region_code = ? and period = ? and ancestor_level = ?",
        region, period, definition["compared_with"],
    )  # fmt: skip
    if not above:
        return []
    ((code,),) = above
    bulletin = [Part("bulletin", key, code, period)] if (key := definition["bulletin_measure"]) else []
    return [
        *bulletin,
        Part("base_numerator", numerator, code, period),
        Part("base_denominator", denominator, code, period),
    ]
