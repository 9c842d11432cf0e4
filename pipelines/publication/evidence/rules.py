"""How every measure counts rows, derived from the models: the relation it reads, which rows count, what is summed.

The condition of a measure is split into the single questions it asks. What staging decides (养老机构, in service) is
taken apart as well, so that a reader is told of the delivered cell that decided: 运营状态 = 停业.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from pipelines.contracts.delivery import ColumnFacts, Delivery, facts_of
from pipelines.dictionary.entries import Entries
from pipelines.dictionary.lineage import parsed
from pipelines.dictionary.models import Branch, Models
from pipelines.dictionary.registry import Registry

#: sources whose figures a region reports about itself
REPORTED = ("population", "deaths", "agency_returns")
#: how the end of the year reads where a model computes it from the period
_YEAR_END = "SUBSTRING(period, 1, 4) || '-12-31'"
#: dates that staging gives every row: they are never blank
_DATES = ("year_start", "year_end", "as_of", "period")
_LITERALS = (exp.Literal, exp.Boolean)
_QUESTIONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Not, exp.And, exp.Or, exp.Paren)


@dataclass(frozen=True)
class Rule:
    """One measure over one relation: `among` says which rows are its business, `where` which of them count.

    region_rule: 'beneath' rows of the region and all beneath it · 'reported' the region's own rows, else those of its
    children · 'own' the region's own rows only. aggregate: sum, distinct, count_rows or max.
    """

    measure_key: str
    source: str
    relation: str
    among: str
    where: str
    quantity: str
    aggregate: str
    region_rule: str
    is_personal: bool


@dataclass(frozen=True)
class Condition:
    """A question that a measure asks of a row, in order: `holds` is SQL, `words` say why a row does not count ('{}'
    stands for the value of `shown`, a column), `blank` what is said where the answer is unknown."""

    measure_key: str
    number: int
    holds: str
    shown: str
    words: str
    blank: str


def _conjuncts(node: exp.Expression) -> Iterator[exp.Expression]:
    node = node.unnest()
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


def _bare(node: exp.Expression) -> exp.Expression:
    """The expression without the aliases of the query it was written in."""
    node = node.copy()
    for column in node.find_all(exp.Column):
        column.set("table", None)
    node.pop_comments()
    return node


def _literal(words: str) -> str:
    """Words without a place for a value."""
    return words.replace("{", "{{").replace("}", "}}")


class Rules:
    """The rules of one project's models. `columns`: relation → the columns it has in the build."""

    def __init__(
        self,
        models: Models,
        registry: Registry,
        contracts: Mapping[str, type[Delivery]],
        columns: Mapping[str, frozenset[str]],
    ) -> None:
        self._models = models
        self._registry = registry
        self._contracts = contracts
        self._columns = columns
        self._entries = Entries(registry, models, dict(contracts))
        self._types = {c["name"] for c in registry.seeds["facility_types"]["columns"]}
        self._decisions = cache(self._entries.lineage.decisions)
        self._parsed = cache(parsed)

    @cached_property
    def rules(self) -> list[Rule]:
        """One rule a measure: the branches of the models, and the measures that are named by a cell."""
        source_of = {row["measure_key"]: row["source"] for row in self._registry.rows("measures")}
        listed = [
            self._rule(branch, source_of.get(branch.measure_key) or branch.relation.removeprefix("stg_"))
            for branch in self._models.branches.values()
        ]
        items = [row["item_code"] for row in self._registry.rows("agency_return_items")]
        named = [self._item(f"ar_{code}", code, "reported") for code in items]
        bases = [self._item("training_bases_own_total", "training_bases_own", "beneath")]
        milestones = [
            self._milestone(row["indicator_key"])
            for row in self._registry.where("indicators", numerator_measure="milestone_done")
        ]
        return [*listed, *named, *bases, *milestones, self._milestone("milestone_done")]

    def _rule(self, branch: Branch, source: str) -> Rule:
        personal = any(facts.pii != "none" for facts in facts_of(self._contracts[source]).values())
        return Rule(
            branch.measure_key, source, branch.relation, "true", branch.where, branch.quantity, branch.aggregate,
            "reported" if source in REPORTED else "beneath", personal,
        )  # fmt: skip

    def _item(self, key: str, code: str, region_rule: str) -> Rule:
        return Rule(
            key, "agency_returns", "stg_agency_returns", f"item_code = '{code}'", "not is_not_applicable", "value",
            "sum", region_rule, False,
        )  # fmt: skip

    def _milestone(self, key: str) -> Rule:
        """A milestone; milestone_done stands for all of them, as in the registry."""
        among = "item_kind = 'milestone'" + (f" and milestone_key = '{key}'" if key != "milestone_done" else "")
        return Rule(key, "task_ledger", "stg_task_ledger", among, "is_done", "", "max", "own", False)

    @cached_property
    def conditions(self) -> list[Condition]:
        """Every measure's questions in the order in which they are asked; the last is whether there is a quantity."""
        return [condition for rule in self.rules for condition in self._conditions(rule)]

    @cached_property
    def words(self) -> list[tuple[str, str, str, str]]:
        """Relation, column and code → what a supplier writes for it."""
        relations = {rule.measure_key: rule.relation for rule in self.rules}
        shown = {(relations[c.measure_key], c.shown) for c in self.conditions if c.shown}
        found = []
        for relation, column in sorted(shown):
            facts = self._delivered(relation, column)
            written: dict[str, str] = {}
            for text, code in facts.values.items() if facts else ():
                written.setdefault(code, text)
            found += [(relation, column, code, text) for code, text in written.items()]
        return found

    def _conditions(self, rule: Rule) -> list[Condition]:
        asked = list(self._questions(rule.relation, parsed(rule.where), "")) if rule.where != "true" else []
        # what can only be asked through the decision it is part of comes after the questions that stand alone
        asked.sort(key=lambda question: question[1] != "")
        found = [
            Condition(rule.measure_key, number, through or node.sql(dialect="duckdb"), *self._told(rule, node))
            for number, (node, through) in enumerate(asked, start=1)
        ]
        if rule.quantity and rule.aggregate != "max":
            lacking = f"{self._say(rule.relation, rule.quantity)}空白"
            holds = f"({rule.quantity}) is not null"
            found.append(Condition(rule.measure_key, len(found) + 1, holds, "", lacking, lacking))
        return found

    def _questions(self, relation: str, node: exp.Expression, through: str) -> Iterator[tuple[exp.Expression, str]]:
        """The single questions of a condition, each with the column it has to be asked through ('' for none)."""
        alias = {text: name for name, text in self._decisions(relation).items()}
        known = self._columns[relation]
        for part in _conjuncts(node):
            decided = self._decisions(relation).get(part.name) if isinstance(part, exp.Column) else None
            if decided and self._can_be_taken_apart(relation, self._parsed(decided)):
                yield from self._questions(relation, self._parsed(decided), part.name)
                continue
            # what a join brought in may stand in the relation under a name of its own
            named = alias.get(part.sql(dialect="duckdb")) if isinstance(part, exp.Column) else None
            bare = exp.column(named) if named in known else _bare(part)
            asked = {column.name for column in bare.find_all(exp.Column)}
            yield bare, "" if asked <= known else through

    def _can_be_taken_apart(self, relation: str, decision: exp.Expression) -> bool:
        """Whether a decision of staging is a question over columns that are still there, or facility types."""
        asked = {column.name for column in decision.find_all(exp.Column)}
        kept = self._columns[relation] | self._types
        return isinstance(decision, _QUESTIONS) and not decision.find(exp.Window) and asked <= kept

    def _told(self, rule: Rule, node: exp.Expression) -> tuple[str, str, str]:
        """The column whose value says it, and the words for a row that fails the question or leaves it open."""
        relation = rule.relation
        inner = node.this.unnest() if isinstance(node, exp.Not) else node
        say = self._say(relation, node.sql(dialect="duckdb"))
        named = dict.fromkeys(column.name for column in node.find_all(exp.Column))
        columns = [name for name in named if name not in _DATES]
        blank = f"{self._say(relation, columns[0])}空白" if len(columns) == 1 else f"无从判断 {say}"
        if rule.source == "agency_returns":
            return "", "填“不适用”", blank
        if isinstance(inner, exp.Is):
            return "", f"{self._say(relation, columns[0])}{'空白' if isinstance(node, exp.Not) else '已填'}", blank
        if rule.is_personal:
            return "", _literal(f"不符合 {say}"), blank
        if isinstance(inner, exp.Column):
            return self._of_column(relation, inner.name, "是" if isinstance(node, exp.Not) else "否", blank)
        listed = inner.expressions if isinstance(inner, exp.In) else [inner.args.get("expression")]
        codes = isinstance(inner, (exp.EQ, exp.NEQ, exp.In)) and all(isinstance(code, _LITERALS) for code in listed)
        if codes and isinstance(inner.this, exp.Column) and self._delivered(relation, inner.this.name):
            return inner.this.name, f"{self._say(relation, inner.this.name)} = {{}}", blank
        return "", _literal(f"不符合 {say}"), blank

    def _of_column(self, relation: str, name: str, value: str, blank: str) -> tuple[str, str, str]:
        """The words for a yes-or-no column that says the wrong thing."""
        title = self._say(relation, name)
        if self._delivered(relation, name):
            return "", f"{title} = {value}", blank
        decided = self._decisions(relation).get(name, name).rpartition(".")[2]
        if decided in self._types:  # the register of facility types says so
            return "facility_type", f"{self._say(relation, 'facility_type')} = {{}}", blank
        return "", f"{'' if value == '是' else '非 '}{title}", blank

    def _delivered(self, relation: str, name: str) -> ColumnFacts | None:
        """The facts of a column that comes to a relation under the name it was delivered by: its own source's first."""
        origins = sorted(
            (source != relation.removeprefix("stg_"), source)
            for source, column in self._entries.lineage.column(relation, name)
            if column == name and source in self._contracts and name in facts_of(self._contracts[source])
        )
        return facts_of(self._contracts[origins[0][1]])[name] if origins else None

    def _say(self, relation: str, text: str) -> str:
        return self._entries.speaker(relation).say(text).striptags().replace(_YEAR_END, "年末")
