"""The rows that a measure looks at in some regions and years: each counts, or fails a question of the measure.

`judged` is SQL over staging; `tallied` sums it by file and by what became of the rows.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.rules import Condition, Rule

INCLUDED = 0
#: counts for its own measure, but its region said 不适用 to the other side of the ratio
EXCUSED = 998
#: fails the measure as a whole though none of its single questions
UNSPOKEN = 999


def relation_of(rule: Rule) -> str:
    """Where a rule's rows are read."""
    return "work.staging." + ("registered_region" if rule.relation == "region_year" else rule.relation)


def judged(rule: Rule, conditions: list[Condition], relation: str) -> str:
    """SQL: region_code, period, path, row_number, quantity, thing, reason, is_blank, shown.

    reason 0 counts, else the number of the first question that failed; is_blank: it was left open; shown: the value
    that the words for it ask for. thing: what a distinct count tells apart.
    """
    lacking = conditions[-1] if rule.quantity and rule.aggregate != "max" else None
    asked = conditions[:-1] if lacking else conditions
    within = f"case when ({rule.quantity}) is null then {lacking.number} else {INCLUDED} end" if lacking else "0"
    failed = " ".join(f"when ({c.holds}) is not true then {c.number}" for c in asked)
    blank = " ".join(f"when {c.number} then ({c.holds}) is null" for c in asked)
    shown = " ".join(f'when {c.number} then cast("{c.shown}" as varchar)' for c in asked if c.shown)
    amount = {"sum": f"({rule.quantity})", "max": "1"}.get(rule.aggregate, "1")
    # additive measures tell things apart within the finest region, persons over all of it; both month by month
    month = "month" if rule.relation == "stg_care_contacts" else "''"
    region = "''" if rule.is_personal else "region_code"
    apart = f"struct_pack(region := {region}, month := {month}, counted := {rule.quantity})"
    return f"""
        select
            region_code, period, delivery_path as path, delivery_row as row_number, reason,
            cast({amount} as decimal(38, 6)) as quantity,
            {apart if rule.aggregate == "distinct" else "null"} as thing,
            {f"case reason {blank} else false end" if blank else "false"} as is_blank,
            {f"case reason {shown} end" if shown else "cast(null as varchar)"} as shown
        from (
            select *, case when ({rule.where}) then {within} {failed} else {UNSPOKEN} end as reason
            from {relation}
            where {rule.among}
        ) as asked
    """


def reason_words(evidence: Evidence, rule: Rule, reason: int, is_blank: bool, shown: str | None) -> str:
    """Why rows do not count, as a reader is told."""
    if reason == UNSPOKEN:
        return "不合本度量的口径"
    if reason == EXCUSED:
        return "所在地区对分子或分母填了“不适用”，两边都不计"
    condition = next(c for c in evidence.conditions[rule.measure_key] if c.number == reason)
    if is_blank or (condition.shown and shown is None):
        return condition.blank
    return condition.words.format(evidence.word(rule.relation, condition.shown, shown or ""))


def total_of(rule: Rule) -> str:
    """SQL: the measure's figure over judged rows, NULL where no row counts."""
    counted = f"filter (where reason = {INCLUDED})"
    if rule.aggregate == "distinct":
        return f"nullif(count(distinct thing) {counted}, 0)"
    return f"{'max' if rule.aggregate == 'max' else 'sum'}(quantity) {counted}"


def figure_of(
    rule: Rule, conditions: list[Condition], total: Decimal | int | None, reasons: set[int]
) -> Decimal | int | None:
    """A measure's figure where its region was delivered, from the total over rows and the reasons that occur among
    them: nothing that counts is zero in a register, but a sum of blanks only is none (spec §1)."""
    if total is not None or rule.region_rule == "reported" or (rule.region_rule == "own" and not reasons):
        return total
    only_blanks = rule.aggregate == "sum" and conditions[-1].number in reasons
    return None if only_blanks else 0
