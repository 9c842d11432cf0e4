"""From a column of a model back to the delivered columns it is made of.

A column that a join brings in stands for the columns it was joined on; what a staging model or the register of regions
brings in is followed to its own source as well. Other models and seeds are look-ups and end there.
"""

from __future__ import annotations

from functools import cache

from sqlglot import exp, parse_one

from .models import Branch, Models

#: (source, column as delivered)
Origin = tuple[str, str]

_LANDED = "landing."
_FOLLOWED = ("stg_", "region_year")
#: join keys that place a row in time and say nothing about what it counts as
_PLACING = ("period", "delivery_period")


def parsed(text: str) -> exp.Expression:
    """A SQL expression or query in the dialect of the models."""
    return parse_one(text, dialect="duckdb")


def _relations(select: exp.Select) -> dict[str, exp.Expression]:
    """Alias → table or subquery, first the one that is selected from."""
    heads = [select.args.get("from_") or select.args.get("from"), *select.args.get("joins", [])]
    return {head.this.alias_or_name: head.this for head in heads if head is not None}


def _selects(query: exp.Expression) -> list[exp.Select]:
    query = query.unnest()
    if isinstance(query, exp.SetOperation):
        return [*_selects(query.this), *_selects(query.expression)]
    return [query] if isinstance(query, exp.Select) else []


class Lineage:
    """Origins of columns, measures and staging decisions in one project."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._query = cache(lambda name: parsed(models.sql(name)))
        self._of_model = cache(self._model_column)

    def column(self, relation: str, name: str) -> frozenset[Origin]:
        """The delivered columns behind a column of a model or landed source."""
        if relation.startswith(_LANDED):
            return frozenset({(relation.removeprefix(_LANDED), name)})
        if relation in self._models.paths and relation.startswith(_FOLLOWED):
            return self._of_model(relation, name)
        return frozenset()

    def expression(self, relation: str, text: str) -> frozenset[Origin]:
        """The delivered columns behind an expression over one model."""
        names = {column.name for column in parsed(text).find_all(exp.Column)} if text else set()
        return frozenset().union(*(self.column(relation, name) for name in names))

    def branch(self, branch: Branch) -> frozenset[Origin]:
        """The delivered columns that decide and make up a measure."""
        return self.expression(branch.relation, branch.where) | self.expression(branch.relation, branch.quantity)

    def row_filter(self, name: str) -> tuple[str, str]:
        """The relation that a measure model without branches reads, and its condition on rows ('' for none)."""
        select = _selects(self._query(name))[0]
        where = select.args.get("where")
        relation = next(iter(_relations(select).values())).name
        return relation, where.this.sql(dialect="duckdb") if where else ""

    def whole_model(self, name: str, columns: tuple[str, ...]) -> frozenset[Origin]:
        """The delivered columns behind some columns of a measure model that lists no branches, and its row filter."""
        found = frozenset().union(*(self._model_column(name, column) for column in columns))
        return found | self.expression(*self.row_filter(name))

    def decisions(self, relation: str) -> dict[str, str]:
        """Column that a staging model makes or names anew → its expression, in the order of the file."""
        found: dict[str, str] = {}
        if relation in self._models.paths and relation.startswith("stg_"):
            for select in self._query(relation).find_all(exp.Select):
                for made in select.expressions:
                    if isinstance(made, exp.Alias):
                        found.setdefault(made.alias, made.this.sql(dialect="duckdb"))
        return found

    def _model_column(self, name: str, column: str) -> frozenset[Origin]:
        query = self._query(name)
        named = {part.alias: part.this for part in query.ctes}
        return self._in_query(query, column, named)

    def _in_query(self, query: exp.Expression, column: str, named: dict[str, exp.Expression]) -> frozenset[Origin]:
        return frozenset().union(*(self._in_select(select, column, named) for select in _selects(query)))

    def _in_select(self, select: exp.Select, column: str, named: dict[str, exp.Expression]) -> frozenset[Origin]:
        relations = _relations(select)
        passed_on: frozenset[Origin] = frozenset()
        for made in select.expressions:
            if made.is_star:
                sources = [made.table] if isinstance(made, exp.Column) else list(relations)[:1]
                for alias in sources:
                    passed_on |= self._brought_in(select, alias, column, named)
            elif made.alias_or_name == column:
                used = {(part.table or next(iter(relations)), part.name) for part in made.find_all(exp.Column)}
                return frozenset().union(*(self._brought_in(select, *part, named) for part in used))
        return passed_on

    def _brought_in(
        self, select: exp.Select, alias: str, column: str, named: dict[str, exp.Expression]
    ) -> frozenset[Origin]:
        table = _relations(select)[alias]
        if isinstance(table, exp.Subquery):
            origins = self._in_query(table, column, named)
        elif not table.db and table.name in named:
            above = {name: query for name, query in named.items() if name != table.name}
            origins = self._in_query(named[table.name], column, above)
        else:
            origins = self.column(f"{table.db}.{table.name}" if table.db else table.name, column)
        for join in select.args.get("joins", []):
            if join.this.alias_or_name == alias and join.args.get("on") is not None:
                for equal in join.args["on"].find_all(exp.EQ):
                    keys = [key for key in (equal.this, equal.expression) if isinstance(key, exp.Column) and key.table]
                    if any(key.name in _PLACING for key in keys):
                        continue
                    for key in keys:
                        if key.table != alias:
                            origins |= self._brought_in(select, key.table, key.name, named)
        return origins
