"""What the dictionary says of measures, indicators and documents: plain dicts for the templates, everything derived."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from markupsafe import Markup

from pipelines.contracts.delivery import Delivery, facts_of

from .lineage import Lineage, Origin
from .models import Models
from .registry import Registry, Row
from .wording import Speaker, word, words

#: registry column that names a measure → its part in the indicator
PARTS = {
    "numerator_measure": "分子",
    "numerator_addend": "分子另加",
    "denominator_measure": "分母",
    "bulletin_measure": "公报数",
}


def row_anchor(row: Row) -> str:
    """Anchor of a document row: document.table.row number; a task stands in its document's list of tasks."""
    table = "tasks" if row.get("row_kind") == "task" else row["table_key"]
    return f"{row['document_key']}.{table}.{row['row_no']}"


class Entries:
    """Measures, indicators and documents of one project, joined."""

    def __init__(self, registry: Registry, models: Models, contracts: dict[str, type[Delivery]]) -> None:
        self._registry = registry
        self._models = models
        self._contracts = contracts
        self.lineage = Lineage(models)
        self.measure = cache(self._measure)
        self.speaker = cache(self._speaker)

    # measures

    @cached_property
    def measures(self) -> list[dict[str, Any]]:
        """Every measure of the registry, in its order."""
        return [self.measure(row["measure_key"]) for row in self._registry.rows("measures")]

    def _measure(self, key: str) -> dict[str, Any]:
        row = self._registry.by("measures", "measure_key")[key]
        branch = self._models.branches.get(key)
        relation, where = (branch.relation, branch.where) if branch else self.lineage.row_filter(f"msr_{row['source']}")
        speaker = self.speaker(relation)
        item = self._registry.by("agency_return_items", "item_code").get(key.partition("_")[2])
        return row | {
            "source_title": self._contracts[row["source"]].title_zh,
            "aggregate": word("aggregate", branch.aggregate) if branch else "",
            "where": speaker.say(where) if where != "true" else "",
            "quantity": speaker.say(branch.quantity) if branch else "",
            "sql": where,
            "item": item if item and row["source"] == "agency_returns" else None,
            "columns": [self.column(origin) for origin in self.origins(key)],
        }

    def origins(self, key: str) -> list[Origin]:
        """The delivered columns that decide and make up a measure: its own source's first, in contract order."""
        row = self._registry.by("measures", "measure_key")[key]
        if branch := self._models.branches.get(key):
            found = self.lineage.branch(branch)
        else:
            found = self.lineage.whole_model(f"msr_{row['source']}", ("measure_key", "value"))
        known = {
            (source, name): (source != row["source"], position)
            for source, contract in self._contracts.items()
            for position, name in enumerate(facts_of(contract))
        }
        return sorted(found & known.keys(), key=lambda origin: (known[origin], origin))

    def column(self, origin: Origin) -> dict[str, str]:
        """A delivered column by name and title."""
        source, name = origin
        contract = self._contracts[source]
        title = facts_of(contract)[name].title
        return {"source": source, "name": name, "title": title, "source_title": contract.title_zh}

    @cached_property
    def measures_of_column(self) -> dict[Origin, list[dict[str, Any]]]:
        """Delivered column → the measures that use it."""
        found: dict[Origin, list[dict[str, Any]]] = {}
        for measure in self.measures:
            for column in measure["columns"]:
                found.setdefault((column["source"], column["name"]), []).append(measure)
        return found

    @cached_property
    def uses_of_measure(self) -> dict[str, list[dict[str, str]]]:
        """Measure → the indicators, variants and parts it plays in them."""
        found: dict[str, list[dict[str, str]]] = {}
        for row in [*self._registry.rows("indicators"), *self._registry.rows("indicator_variants")]:
            indicator = self._registry.by("indicators", "indicator_key")[row["indicator_key"]]
            for part, key in self._parts(row):
                use = {"key": indicator["indicator_key"], "name_zh": indicator["name_zh"], "part": part}
                found.setdefault(key, []).append(use | {"variant": row.get("variant", "")})
        return found

    def _parts(self, row: Row) -> Iterator[tuple[str, str]]:
        named = [(part, row[column]) for column, part in PARTS.items() if row.get(column)]
        yield from named
        known = self._registry.by("measures", "measure_key")
        used = {key for _, key in named}
        for name in dict.fromkeys(re.findall(r"[a-z_][a-z_0-9]*", row.get("threshold_unit_value", ""))):
            if name in known and name not in used:
                yield "单位值", name

    def _speaker(self, relation: str) -> Speaker:
        source = relation.removeprefix("stg_")
        types = self._registry.seeds["facility_types"]["columns"]

        def delivered(name: str) -> Origin | None:
            named = sorted(
                (of, column)
                for of, column in self.lineage.column(relation, name)
                if column == name and of in self._contracts and name in facts_of(self._contracts[of])
            )
            return next((o for o in named if o[0] == source), named[0] if named else None)

        def link(name: str) -> Markup:
            if origin := delivered(name):
                title = facts_of(self._contracts[origin[0]])[name].title
                return Markup('<a href="sources.html#{}.{}">{}</a>').format(*origin, title)
            if (relation, name) in self._registry.decisions:
                title = self._registry.decisions[relation, name].partition("：")[0]
                return Markup('<a href="sources.html#{}--{}">{}</a>').format(source, name, title)
            counted = next((c["description"] for c in types if c["name"] == name), "")
            return Markup("{}").format(counted) if counted else Markup("<code>{}</code>").format(name)

        def meaning(column: str, code: str) -> str:
            origin = delivered(column)
            values = facts_of(self._contracts[origin[0]])[column].values if origin else {}
            return next((written for written, known in values.items() if known == code), code)

        return Speaker(link, meaning)

    # indicators

    @cached_property
    def indicators(self) -> list[dict[str, Any]]:
        """Every indicator of the registry, in its order, with its variants and the document rows that use it."""
        return [self._indicator(row) for row in self._registry.rows("indicators")]

    def _indicator(self, row: Row) -> dict[str, Any]:
        key = row["indicator_key"]
        variants = [
            variant
            | self._calculation(row | {name: value for name, value in variant.items() if value or name in PARTS})
            | {"used_by": [r for r in self.rows if r["indicator_key"] == key and r["variant"] == variant["variant"]]}
            for variant in self._registry.where("indicator_variants", indicator_key=key)
        ]
        rows = [r for r in self.rows if r["indicator_key"] == key]
        return (
            row
            | self._calculation(row)
            | {
                "anchor": key,
                "group": self._group(row),
                "levels": words("level", row["region_levels"]),
                "range": " 至 ".join(row[bound] or "不限" for bound in ("valid_min", "valid_max")),
                "variants": variants,
                "rows": rows,
                "notes": [r for r in rows if r["note"]],
                "crosswalk": self._registry.by("crosswalks", "indicator_key").get(key),
                "documents": len({r["document_key"] for r in rows}),
            }
        )

    def _group(self, row: Row) -> str:
        measure = self._registry.by("measures", "measure_key").get(row["numerator_measure"])
        if row["kind"] in ("milestone", "parameter") or measure is None:
            return word("kind", row["kind"])
        return self._contracts[measure["source"]].title_zh

    def _calculation(self, row: Row) -> dict[str, Any]:
        parts = [{"part": part, "measure": self.measure(key)} for part, key in self._parts(row)]
        return {"parts": parts, "reading": self._reading(row)}

    def _reading(self, row: Row) -> Markup:
        """The formula in words, measures linked."""

        def name(key: str) -> Markup:
            known = self._registry.by("measures", "measure_key").get(key)
            shown = known["name_zh"] if known else key
            return Markup('<a href="measures.html#{}">{}</a>').format(key, shown) if known else Markup("{}").format(key)

        if not row["numerator_measure"]:
            return Markup("")
        if row["threshold_unit"]:
            unit = word("level", row["threshold_unit"])
            value = Speaker(name, lambda _, code: word("level", code)).say(row["threshold_unit_value"])
            limit = f"{word('operator', row['threshold_operator'])} {row['threshold_value']}"
            return Markup("达标的{} ÷ 有数据的{} × 100；单位值 = {}，达标指 {}；并列出{}的单位值").format(
                unit, unit, value, limit, word("extreme", row["extreme"])
            )
        if row["kind"] == "life_table":
            return Markup("由 {} 和分年龄 {} 编制简略寿命表，取零岁平均预期余命").format(
                name(row["numerator_measure"]), name(row["denominator_measure"])
            )
        reading = name(row["numerator_measure"])
        if row.get("numerator_addend"):
            reading = Markup("（{} + {}）").format(reading, name(row["numerator_addend"]))
        if row["denominator_measure"]:
            reading = Markup("{} ÷ {}").format(reading, name(row["denominator_measure"]))
        if row["multiplier"] not in ("", "1"):
            reading = Markup("{} × {}").format(reading, row["multiplier"])
        if row.get("compared_with"):
            other = word("compared_with", row["compared_with"])
            reading = Markup("取两位小数的（{}）减去{}的同一比重").format(reading, other)
        return reading

    # documents

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Every printed row of every document, with its note and the name of its indicator."""
        notes = {row_anchor(note): note for note in self._registry.rows("document_notes")}
        indicators = self._registry.by("indicators", "indicator_key")
        documents = self._registry.by("documents", "document_key")
        return [
            row
            | {
                "anchor": row_anchor(row),
                "note": notes.get(row_anchor(row), {}).get("note_zh", ""),
                "is_assessable": notes.get(row_anchor(row), {}).get("assessable") != "false",
                "document": documents[row["document_key"]]["title_zh"],
                "indicator": indicators.get(row["indicator_key"]),
                "same_as": f"{row['document_key']}.{row['counts_once_with'].replace(':', '.')}",
            }
            for row in self._registry.rows("document_rows")
        ]

    @cached_property
    def documents(self) -> list[dict[str, Any]]:
        """Every document: its tables in printed order, and its tasks with the departments of each."""
        titles = {
            (row["document_key"], row["table_key"]): row["title_zh"] for row in self._registry.rows("document_tables")
        }
        found = []
        for document in self._registry.rows("documents"):
            key = document["document_key"]
            own = [row for row in self.rows if row["document_key"] == key and row["row_kind"] != "task"]
            tables = [
                {
                    "key": table,
                    "title": titles.get((key, table), word("table", table)),
                    "rows": [row for row in own if row["table_key"] == table],
                }
                for table in dict.fromkeys(row["table_key"] for row in own)
            ]
            tasks = [
                task | {"departments": self._departments(task)}
                for task in self._registry.where("document_tasks", document_key=key)
            ]
            anchors = {target: row["anchor"] for row in own for target in row["target_id"].split("|") if target}
            repeats = [row for row in self._registry.rows("document_repeats") if row["repeat_of"] in anchors]
            found.append(
                document
                | {
                    "tables": tables,
                    "tasks": tasks,
                    "count": len(own),
                    "repeats": [r | {"anchor": anchors[r["repeat_of"]]} for r in repeats],
                }
            )
        return found

    def _departments(self, task: Row) -> list[dict[str, str]]:
        named = self._registry.where("document_task_departments", document_key=task["document_key"])
        by_role: dict[str, list[str]] = {}
        for row in named:
            if row["task_no"] == task["task_no"]:
                by_role.setdefault(row["role"], []).append(row["department"])
        return [{"role": word("role", role), "names": "、".join(names)} for role, names in by_role.items()]
