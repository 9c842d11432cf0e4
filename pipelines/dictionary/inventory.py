"""What the dictionary says of sources and released tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from pipelines.contracts.delivery import Delivery, columns_of, facts_of, rules_of

from .entries import Entries
from .registry import Registry, Row
from .wording import WORDS, word


@dataclass(frozen=True)
class CodeList:
    """How a seed that lists what may be delivered is shown: all of it beneath one source, or a part beneath each."""

    source: str = ""
    #: the column that names the source, where the seed serves several
    source_column: str = ""
    #: what the rows hold, where others cannot be delivered
    where: Mapping[str, str] = field(default_factory=dict)
    #: the columns shown, where not all are
    columns: tuple[str, ...] = ()
    #: its heading, where the description of the seed says more
    title: str = ""

    def rows(self, registry: Registry, seed: str, source: str) -> list[Row]:
        """The rows that may be delivered to a source."""
        wanted = {**self.where, **({self.source_column: source} if self.source_column else {})}
        return registry.where(seed, **wanted) if self.source in ("", source) else []


CODE_LISTS = {
    "facility_types": CodeList(source_column="source"),
    "agency_return_items": CodeList("agency_returns"),
    "norms": CodeList("residential_projects"),
    "subsidy_programmes": CodeList(
        "subsidy_ledger",
        where={"kind": "subsidy"},
        columns=("programme_code", "name_zh", "base_zh", "frequency"),
        title="补贴项目代码",
    ),
}


def sources(entries: Entries, registry: Registry, contracts: dict[str, type[Delivery]]) -> list[dict[str, Any]]:
    """Every source: its columns with headers, bounds and rules, what staging decides, and its code lists."""
    return [_source(entries, registry, name, contract) for name, contract in contracts.items()]


def _source(entries: Entries, registry: Registry, name: str, contract: type[Delivery]) -> dict[str, Any]:
    rules = rules_of(contract)
    columns = [
        column
        | {
            "kind": word("column_kind", column["kind"]),
            "pii": word("pii", column["pii"]) if column["pii"] != "none" else "",
            "bounds": _bounds(column),
            "options": _options(column["values"]),
            "rules": [
                {"name": r.name, "title": r.title, "action": word("action", r.action)}
                for r in rules
                if r.column == column["name"]
            ],
            "taken_from": facts_of(contract)[column["name"]].derived_from,
            "measures": entries.measures_of_column.get((name, column["name"]), []),
        }
        for column in columns_of(contract)
    ]
    return {
        "key": name,
        "title": contract.title_zh,
        "grain": word("grain", contract.grain),
        "period": word("period_form", contract.period_form),
        "department": contract.supplier_department,
        "columns": columns,
        "decisions": _decisions(entries, registry, name, contract),
        "lists": [
            _code_list(registry, seed, rows)
            for seed in CODE_LISTS
            if (rows := CODE_LISTS[seed].rows(registry, seed, name))
        ],
        "measures": [measure for measure in entries.measures if measure["source"] == name],
    }


def _bounds(column: dict[str, Any]) -> str:
    low, high = column["minimum"], column["maximum"]
    if low is None and high is None:
        return ""
    if high is None:
        return f"不小于 {low:,}"
    return f"不大于 {high:,}" if low is None else f"{low:,} 至 {high:,}"


def _options(values: dict[str, str]) -> list[dict[str, Any]]:
    codes = dict.fromkeys(values.values())
    return [{"code": code, "written": [text for text, known in values.items() if known == code]} for code in codes]


def _decisions(entries: Entries, registry: Registry, source: str, contract: type[Delivery]) -> list[dict[str, Any]]:
    relation = f"stg_{source}"
    speaker = entries.speaker(relation)
    own = facts_of(contract)
    made = entries.lineage.decisions(relation)
    return [
        {
            "name": name,
            "title": described.partition("：")[0],
            "reason": described.partition("：")[2],
            "words": _unless_only_code(speaker.say(made[name])),
            "columns": [
                entries.column(origin)
                for origin in sorted(entries.lineage.column(relation, name))
                if origin[0] == source and origin[1] in own
            ],
        }
        for (model, name), described in registry.decisions.items()
        if model == relation
    ]


def _unless_only_code(said: Markup) -> Markup:
    """Nothing for an expression that has no words at all; its reason is told beside it."""
    return Markup("") if re.fullmatch("<code>[^<]*</code>", said) else said


def _code_list(registry: Registry, seed: str, rows: list[Row]) -> dict[str, Any]:
    kind = CODE_LISTS[seed]
    declared = {c["name"]: c["description"] for c in registry.seeds[seed]["columns"]}
    possible = kind.columns or [name for name in declared if name != kind.source_column]
    shown = [name for name in possible if any(row.get(name) for row in rows)]
    return {
        "title": kind.title or registry.seeds[seed]["description"],
        "headings": [declared[name].partition("：")[0] for name in shown],
        "rows": [[WORDS.get(name, WORDS["yes"]).get(row[name], row[name]) for name in shown] for row in rows],
    }
