"""The files behind every published figure, in one table.

A figure is explained by the rows of its region in this table; where there are none, by those of the regions beneath.
So counties, published towns and whoever reports about itself are listed for the publication's year, and regions that a
document governs for all years, summed over what lies beneath them. Rows of different levels overlap and are not to be
added. Of persons nothing is told but the files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import polars as pl

from pipelines.publication.content import open_year
from pipelines.publication.evidence.files import SHOWN_ROWS, plain, ranges
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.regions import reports
from pipelines.publication.evidence.rows import INCLUDED, figure_of, judged, reason_words, relation_of
from pipelines.publication.evidence.rules import Rule

#: reasons named for rows that do not count, the commonest first
REASONS = 3
#: all milestones of a region, which the registry knows as one measure
MILESTONES = "milestone_done"
SCHEMA = {
    "measure_key": pl.String,
    "source": pl.String,
    "region_code": pl.String,
    "period": pl.String,
    "path": pl.String,
    "sha256": pl.String,
    "rows_included": pl.Int64,
    "rows_excluded": pl.Int64,
    "quantity": pl.Float64,
    "row_numbers": pl.String,
    "excluded_reasons": pl.String,
}

_TARGETS = """
create or replace temp table target as
select distinct
    region_code,
    period,
    region_level,
    region_code = scope_region as is_scope
from published_region
where period = $year or region_code = scope_region
"""

#: whose rows are a target's, by the rule of a measure
_REACH = """
create or replace temp table reach_beneath as
select target.region_code as target_code, target.period, ancestry.region_code
from target
inner join carestat.reference.region_ancestor as ancestry
    on target.region_code = ancestry.ancestor_code and target.period = ancestry.period
where target.is_scope or target.region_level in ('county', 'town');
-- every level has a government with money of its own: no level is explained by the one beneath
create or replace temp table reach_governments as
select target.region_code as target_code, target.period, ancestry.region_code
from target
inner join carestat.reference.region_ancestor as ancestry
    on target.region_code = ancestry.ancestor_code and target.period = ancestry.period;
create or replace temp table reach_own as
select region_code as target_code, period, region_code from target;
"""

_STAGED = """
create or replace temp table staged as
select * from {relation} as rows_
where (rows_.region_code, rows_.period) in (select region_code, period from reach_governments)
"""

_TALLY = """
select
    reach.target_code,
    rows_.period,
    rows_.path,
    rows_.reason,
    rows_.is_blank,
    rows_.shown,
    count(*) as n_rows,
    sum(rows_.quantity) as quantity,
    min(rows_.row_number, {shown_rows}) as row_numbers
from ({rows}) as rows_
inner join {reach} as reach on rows_.region_code = reach.region_code and rows_.period = reach.period
group by all
"""


def published_evidence(evidence: Evidence, year: str) -> pl.DataFrame:
    """One row a measure, region, period and delivered file behind the figures published for `year`.

    rows_included, rows_excluded: counts of rows; quantity: what the included rows add up to, in the measure's unit;
    both empty where rows are persons, and the quantity wherever persons are counted. row_numbers: the first 20, as
    ranges. Ordered by measure, region, period and path.
    """
    open_year(evidence.connection, year)
    evidence.connection.execute(_TARGETS, {"year": year})
    evidence.connection.execute(_REACH)
    checksums = dict(evidence.rows("select path, sha256 from carestat.ops.delivery"))
    persons = {
        key for (key,) in evidence.rows("select measure_key from carestat.reference.measure where counts_persons")
    }
    by_relation: dict[str, list[Rule]] = defaultdict(list)
    for rule in _used(evidence):
        by_relation[rule.relation].append(rule)
    rows: list[dict[str, Any]] = []
    for rules in by_relation.values():
        # one relation after the other: its rows are read once, and held for its measures only
        evidence.connection.execute(_STAGED.format(relation=relation_of(rules[0])))
        for rule in rules:
            for place, tallies in _tallied(evidence, rule).items():
                row = _row(evidence, rule, tallies, rule.measure_key in persons)
                rows.append(dict(zip(("region_code", "period", "path"), place, strict=True)) | row)
    frame = pl.DataFrame([row | {"sha256": checksums[row["path"]]} for row in rows], schema=SCHEMA)
    return frame.sort("measure_key", "region_code", "period", "path")


def _used(evidence: Evidence) -> list[Rule]:
    """The measures that indicators are made of, in the order of their keys."""
    definitions = evidence.records(
        "select distinct kind, numerator_measure, numerator_addend, denominator_measure, bulletin_measure,"
        " threshold_unit_value from carestat.reference.indicator_definition"
    )
    keys: set[str] = set()
    for definition in definitions:
        if definition.pop("kind") == "milestone":
            keys.add(MILESTONES)
            continue
        formula = definition.pop("threshold_unit_value") or ""
        keys |= {key for key in definition.values() if key} | set(re.findall(r"[a-z_][a-z_0-9]*", formula))
    known = {key for (key,) in evidence.rows("select measure_key from carestat.reference.measure")}
    return [evidence.rules[key] for key in sorted(keys & known & evidence.rules.keys())]


def _tallied(evidence: Evidence, rule: Rule) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Region, period and file → what became of the rows that a measure looked at."""
    reach = f"reach_{rule.region_rule}"
    if rule.region_rule == "reported":
        evidence.connection.register(reach, _reporting(evidence, rule).to_arrow())
    elif rule.source == "fund_ledger" or (rule.source, rule.region_rule) == ("agency_returns", "beneath"):
        reach = "reach_governments"
    rows = judged(rule, evidence.conditions[rule.measure_key], "staged")
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for tally in evidence.records(_TALLY.format(rows=rows, reach=reach, shown_rows=SHOWN_ROWS)):
        found[tally["target_code"], tally["period"], tally["path"]].append(tally)
    return found


def _reporting(evidence: Evidence, rule: Rule) -> pl.DataFrame:
    """Whose own figures each target's figure was taken from: its own, and for a document's region those beneath."""
    pairs = [
        (target, period, own.region_code)
        for target, period, is_scope in evidence.rows("select region_code, period, is_scope from target order by all")
        for own in reports(evidence, period).contributors(rule.measure_key, target)
        if is_scope or own.region_code == target
    ]
    schema = dict.fromkeys(("target_code", "period", "region_code"), pl.String)
    return pl.DataFrame(pairs, schema=schema, orient="row")


def _row(evidence: Evidence, rule: Rule, tallies: list[dict[str, Any]], counts_persons: bool) -> dict[str, Any]:
    """What is told of one file; of a file of persons only that it was read."""
    row: dict[str, Any] = {"measure_key": rule.measure_key, "source": rule.source}
    if rule.is_personal:
        return row | {"row_numbers": "", "excluded_reasons": ""}
    included = [tally for tally in tallies if tally["reason"] == INCLUDED]
    reasons: dict[str, int] = defaultdict(int)
    for tally in tallies:
        if tally["reason"] != INCLUDED:
            reasons[reason_words(evidence, rule, tally["reason"], tally["is_blank"], tally["shown"])] += tally["n_rows"]
    commonest = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    total = included[0]["quantity"] if included else None
    figure = figure_of(rule, evidence.conditions[rule.measure_key], total, {tally["reason"] for tally in tallies})
    is_told = rule.aggregate in ("sum", "count_rows") and not counts_persons
    return row | {
        "rows_included": sum(tally["n_rows"] for tally in included),
        "rows_excluded": sum(reasons.values()),
        "quantity": plain(figure) if is_told else None,
        "row_numbers": "".join(_numbers(tally) for tally in included),
        "excluded_reasons": "；".join(
            [f"{words} ×{n_rows}" for words, n_rows in commonest[:REASONS]]
            + ([f"其他原因 ×{sum(n for _, n in commonest[REASONS:])}"] if len(commonest) > REASONS else [])
        ),
    }


def _numbers(tally: dict[str, Any]) -> str:
    return ranges(tally["row_numbers"]) + (" …" if tally["n_rows"] > SHOWN_ROWS else "")
