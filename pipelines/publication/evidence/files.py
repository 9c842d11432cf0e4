"""The files behind considered rows: what each delivered, what of it counts, and what never reached the count."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pipelines.contracts import contract_of
from pipelines.contracts.delivery import rules_of
from pipelines.landing.reasons import TITLES
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.rows import INCLUDED, reason_words
from pipelines.publication.evidence.rules import Rule

#: row numbers that are shown unless all are asked for
SHOWN_ROWS = 20

_BY_FILE = """
select
    path, reason, is_blank, shown, count(*) as n_rows, sum(quantity) as quantity,
    list(row_number order by row_number) as row_numbers
from considered
group by path, reason, is_blank, shown
order by path, reason, is_blank, shown
"""

_DELIVERED = """
select
    delivery.path, delivery.sha256, delivery.state, delivery.supplier, delivery.period, delivery.reason,
    counts.delivered, counts.landed, counts.quarantined, counts.superseded, counts.ignored
from carestat.ops.delivery as delivery
inner join carestat.ops.reconciliation as counts on delivery.path = counts.path
where delivery.path in (select unnest(?))
order by delivery.path
"""

#: files of the year that speak for the region: its own, those of suppliers beneath, and of those above
_AROUND = """
select delivery.path, delivery.period, beneath.region_code is not null as is_beneath
from carestat.ops.delivery as delivery
left join carestat.reference.region_ancestor as beneath
    on delivery.supplier = beneath.region_code and beneath.period = $period and beneath.ancestor_code = $region
left join carestat.reference.region_ancestor as above
    on delivery.supplier = above.ancestor_code and above.period = $period and above.region_code = $region
where
    delivery.source = $source
    and substr(delivery.period, 1, 4) = $period
    and (beneath.region_code is not null or above.region_code is not null)
order by delivery.path
"""


def files(evidence: Evidence, rule: Rule, region_code: str, period: str, all_rows: bool) -> dict[str, Any]:
    """The files behind the temporary table `considered`, in the order of their paths; and how many earlier months of
    the year are left out, since only a county's latest counts."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in evidence.records(_BY_FILE):
        found[row["path"]].append(row)
    around = evidence.connection.execute(
        _AROUND, {"source": rule.source, "period": period, "region": region_code}
    ).fetchall()
    dated = {path: dated for path, dated, _ in around}
    used = {dated[path] for path in found if path in dated} or {max(dated.values(), default="")}
    # what a supplier within the region delivered for the same month, though none of its rows came to be considered
    silent = [
        path
        for path, month, is_beneath in around
        if path not in found and month in used and is_beneath and rule.region_rule == "beneath"
    ]
    earlier = [path for path, month, is_beneath in around if path not in found and month not in used and is_beneath]
    refused: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, reason, numbers in evidence.rows(
        "select path, reason, list(row_number order by row_number) from carestat.ops.quarantine"
        " where path in (select unnest(?)) group by all order by all",
        [*found, *silent],
    ):
        refused[path].append(_group(_refusal(rule.source, reason), numbers, rule.is_personal, all_rows))
    return {
        "files": [
            file
            | {
                "included": _included(found[file["path"]], rule, all_rows),
                "excluded": _excluded(evidence, found[file["path"]], rule, all_rows),
                "refused": refused[file["path"]],
            }
            for file in evidence.records(_DELIVERED, sorted([*found, *silent]))
        ],
        "earlier_files": len(earlier),
    }


def _excluded(evidence: Evidence, rows: list[dict[str, Any]], rule: Rule, all_rows: bool) -> list[dict[str, Any]]:
    """Rows that do not count, by reason, the commonest first."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row["reason"] != INCLUDED:
            words = reason_words(evidence, rule, row["reason"], row["is_blank"], row["shown"])
            numbers[words] += row["row_numbers"]
    ordered = sorted(numbers.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [_group(words, sorted(found), rule.is_personal, all_rows) for words, found in ordered]


def _included(rows: list[dict[str, Any]], rule: Rule, all_rows: bool) -> dict[str, Any]:
    counted = [row for row in rows if row["reason"] == INCLUDED]
    numbers = sorted(number for row in counted for number in row["row_numbers"])
    group = _group("", numbers, rule.is_personal, all_rows)
    del group["reason"]
    # a sum of distinct things is not told file by file: the same one may stand in two
    told = rule.aggregate in ("sum", "count_rows") and counted
    return group | {"quantity": plain(counted[0]["quantity"]) if told else None}


def _group(reason: str, numbers: list[int], is_personal: bool, all_rows: bool) -> dict[str, Any]:
    shown = [] if is_personal else (numbers if all_rows else numbers[:SHOWN_ROWS])
    return {"reason": reason, "rows": len(numbers), "row_numbers": shown}


def _refusal(source: str, code: str) -> str:
    """The title of a reason for which landing refuses rows."""
    titles = {rule.reason: rule.title for rule in rules_of(contract_of(source))}
    return titles.get(code) or TITLES.get(code, code)


def plain(number: Any) -> int | float | None:
    """A quantity as JSON has it: whole where it is whole."""
    if number is None:
        return None
    return int(number) if number == int(number) else float(number)


def ranges(numbers: list[int]) -> str:
    """Row numbers with neighbours drawn together: 3–5、28."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(f"{first}–{last}" if first != last else str(first) for first, last in runs)
