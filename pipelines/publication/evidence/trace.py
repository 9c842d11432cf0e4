"""A figure followed back: value → measures → files → rows, as plain data."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isclose
from typing import Any

from pipelines.contracts import contract_of
from pipelines.publication.evidence.files import files, plain
from pipelines.publication.evidence.lookup import Figure, find
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.parts import ROLES, Part, parts_of
from pipelines.publication.evidence.regions import Own, missing_suppliers, named, reports
from pipelines.publication.evidence.rows import EXCUSED, INCLUDED, figure_of, judged, relation_of, total_of
from pipelines.publication.evidence.units import units_of


def trace(
    evidence: Evidence, indicator: str, region: str, period: str, variant: str = "default", all_rows: bool = False
) -> dict[str, Any]:
    """Where a figure comes from. Raises NotFound.

    Each part holds the measure's figure computed again from the rows, and `checks` whether these figures are the
    released ones. Row numbers are the first 20 of a group, or all; of personal sources there are counts only.
    """
    figure = find(evidence, indicator, region, period, variant)
    definition, value = figure.definition, figure.value
    parts = parts_of(evidence, figure)
    excused = _excused(evidence, definition, parts)
    told = [_part(evidence, part, excused, all_rows) for part in parts]
    units = units_of(evidence, figure, all_rows) if definition["kind"] == "threshold_share" else None
    return {
        "release_id": evidence.release_id,
        "indicator_key": value["indicator_key"],
        "indicator_name": value["indicator_name"],
        "variant": variant,
        "kind": definition["kind"],
        "definition": definition["default_definition" if variant == "default" else "alternative_definitions"],
        "region_code": value["region_code"],
        "region_name": value["region_name"],
        "region_level": value["region_level"],
        "period": value["period"],
        "unit": value["unit"],
        **{name: value[name] for name in ("value", "extreme", "partial_value", "numerator", "denominator")},
        "multiplier": plain(definition["multiplier"]),
        **{name: value[name] for name in ("obs_status", "conf_status", "note", "coverage_n", "coverage_m")},
        "parts": told,
        "units": units,
        "checks": _checks(figure, told, units),
    }


def _excused(evidence: Evidence, definition: dict[str, Any], parts: list[Part]) -> list[str]:
    """Regions that said 不适用 to one side of a ratio: they stay out of both (spec §1)."""
    if definition["kind"] != "ratio":
        return []
    asked = [part for part in parts if evidence.rules[part.measure_key].region_rule == "reported"]
    return sorted(
        {
            own.region_code
            for part in asked
            for own in reports(evidence, part.period).contributors(part.measure_key, part.region_code)
            if own.is_not_applicable and own.region_code != part.region_code
        }
    )


def _part(evidence: Evidence, part: Part, excused: list[str], all_rows: bool) -> dict[str, Any]:
    rule = evidence.rules[part.measure_key]
    own = _own(evidence, part)
    asked = _asked(evidence, part, own)
    consider(evidence, part, asked, excused)
    counted, considered, total, reasons = evidence.rows(
        f"select count(*) filter (where reason = {INCLUDED}), count(*), {total_of(rule)},"
        " coalesce(list(distinct reason), []) from considered"
    )[0]
    registered = evidence.records("select * from carestat.reference.measure where measure_key = ?", part.measure_key)
    measure = registered[0] if registered else {"name_zh": _title(evidence, part.measure_key), "unit_zh": ""}
    missing = missing_suppliers(evidence, part.measure_key, part.region_code, part.period, own)
    if not missing:
        total = figure_of(rule, evidence.conditions[part.measure_key], total, set(reasons))
    return {
        "role": part.role,
        "role_name": ROLES[part.role],
        "measure_key": part.measure_key,
        "measure_name": measure["name_zh"],
        "unit": measure["unit_zh"],
        "source": rule.source,
        "source_name": contract_of(rule.source).title_zh,
        "region_code": part.region_code,
        "region_name": named(evidence, [part.region_code], part.period)[0]["region_name"],
        "period": part.period,
        "is_personal": rule.is_personal,
        "total": plain(total),
        "rows_included": counted,
        "rows_excluded": considered - counted,
        **files(evidence, rule, part.region_code, part.period, all_rows),
        "own_figures": [] if part.each_level else _own_figures(evidence, part, own),
        "missing_suppliers": missing,
    }


def _units(evidence: Evidence, part: Part) -> list[str]:
    """The regions that a part asks one by one: all of its level within the region, or the region itself."""
    if not part.each_level:
        return [part.region_code]
    units = evidence.rows(
        "select region_code from carestat.reference.region_ancestor as ancestry"
        " inner join carestat.reference.region_year as regions using (region_code, period)"
        " where ancestry.ancestor_code = ? and period = ? and contains(?, regions.level) order by region_code",
        part.region_code, part.period, part.each_level,
    )  # fmt: skip
    return [code for (code,) in units]


def _own(evidence: Evidence, part: Part) -> list[Own]:
    """The own figures of regions that a part is made of, where regions report about themselves."""
    if evidence.rules[part.measure_key].region_rule != "reported":
        return []
    told = reports(evidence, part.period)
    found: dict[str, Own] = {}
    for code in _units(evidence, part):
        own = told.contributors(part.measure_key, code)
        if not own and part.or_above:
            above = evidence.rows(
                "select ancestor_code from carestat.reference.region_ancestor"
                " where region_code = ? and period = ? and ancestor_level = 'prefecture'",
                code, part.period,
            )  # fmt: skip
            own = [figure for (prefecture,) in above for figure in told.contributors(part.measure_key, prefecture)]
        found |= {figure.region_code: figure for figure in own}
    return [found[code] for code in sorted(found)]


def _asked(evidence: Evidence, part: Part, own: list[Own]) -> list[str] | None:
    """The regions whose own rows are considered; None: the rows of all beneath."""
    match evidence.rules[part.measure_key].region_rule:
        case "beneath":
            return None
        case "reported":
            return [figure.region_code for figure in own]
    return _units(evidence, part)


def consider(evidence: Evidence, part: Part, asked: list[str] | None, excused: list[str]) -> None:
    """Make the temporary table `considered`: the rows a part looks at, each judged."""
    rule = evidence.rules[part.measure_key]
    rows = judged(rule, evidence.conditions[part.measure_key], relation_of(rule))
    within = (
        "region_code in (select unnest($asked))"
        if asked is not None
        else "region_code in (select region_code from carestat.reference.region_ancestor"
        " where ancestor_code = $region and period = $period)"
    )
    stays_out = (
        "region_code in (select region_code from carestat.reference.region_ancestor"
        " where period = $period and ancestor_code in (select unnest($excused)))"
    )
    given: dict[str, Any] = {"period": part.period, "excused": excused}
    given |= {"asked": asked} if asked is not None else {"region": part.region_code}
    evidence.connection.execute(
        f"""
        create or replace temp table considered as
        select * replace (case when reason = {INCLUDED} and {stays_out} then {EXCUSED} else reason end as reason)
        from ({rows}) as rows_
        where period = $period and {within}
        """,
        given,
    )


def _own_figures(evidence: Evidence, part: Part, own: list[Own]) -> list[dict[str, Any]]:
    """The regions whose reported figures were taken, each with its figure."""
    figures = {figure.region_code: figure for figure in own}
    return [
        region
        | {
            "value": plain(figures[region["region_code"]].value),
            "is_not_applicable": figures[region["region_code"]].is_not_applicable,
        }
        for region in named(evidence, sorted(figures), part.period)
    ]


def _title(evidence: Evidence, key: str) -> str:
    found = evidence.rows("select name_zh from carestat.reference.indicator where indicator_key = ?", key)
    return found[0][0] if found else key


def _checks(figure: Figure, parts: list[dict[str, Any]], units: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The released numerator and denominator, each beside what the rows add up to; same: None where the release has
    none to compare with."""
    kind = figure.definition["kind"]
    if units is not None:
        found = {"numerator": units["met"], "denominator": units["known"]}
    else:
        roles = {"numerator": ("numerator", "addend", "milestone"), "denominator": ("denominator",)}
        found = {
            side: _sum([part["total"] for part in parts if part["role"] in named_])
            for side, named_ in roles.items()
            if any(part["role"] in named_ for part in parts)
        }
    checks = [_check(side, figure.value[side], told) for side, told in found.items()]
    if kind == "difference":
        checks.append(_check("value", figure.value["value"], _difference(figure, parts)))
    return checks


def _check(what: str, released: float | None, from_rows: int | float | None) -> dict[str, Any]:
    name = {"numerator": "分子", "denominator": "分母", "value": "指标值"}[what]
    same = None if released is None else from_rows is not None and isclose(released, from_rows, rel_tol=1e-12)
    return {"what": what, "name": name, "released": released, "from_rows": from_rows, "same": same}


def _sum(totals: list[int | float | None]) -> int | float | None:
    known = [total for total in totals if total is not None]
    return plain(sum(map(Decimal, map(str, known)))) if len(known) == len(totals) else None


def _difference(figure: Figure, parts: list[dict[str, Any]]) -> float | None:
    """The difference of two shares, each rounded to two decimals, half away from zero, before it is subtracted."""

    def total(role: str) -> Decimal | None:
        asked = [part for part in parts if part["role"] == role]
        told = None if any(part["missing_suppliers"] for part in asked) else _sum([part["total"] for part in asked])
        return Decimal(str(told)) if asked and told is not None else None

    def share(numerator: str, denominator: str) -> Decimal | None:
        part, whole = total(numerator), total(denominator)
        if part is None or not whole:
            return None
        return (part * Decimal(str(figure.definition["multiplier"])) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)

    bases = [total("bulletin"), share("base_numerator", "base_denominator")]
    if figure.definition["compared_with"] == "province":
        bases.reverse()
    own, base = share("numerator", "denominator"), next((base for base in bases if base is not None), None)
    return None if own is None or base is None else float(own - base)
