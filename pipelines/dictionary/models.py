"""The dbt models as text: a model file in, the SQL it stands for and the measure branches it lists out.

Model files are rendered with the project's own macros, so nothing about a measure is written down twice. dbt itself is
not needed: relations render as their names, and a macro that is handed a list of branches is recorded, not expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined

_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?endmacro\s*-?%\}", re.DOTALL)


class _Returned(Exception):
    """dbt's `return`: a macro that answers with a value instead of text."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _return(value: Any) -> None:
    raise _Returned(value)


@dataclass(frozen=True)
class Branch:
    """One measure of a source: which rows count (`where`) and what is counted of them (`quantity`, empty: the rows)."""

    measure_key: str
    relation: str
    where: str
    quantity: str
    #: 'sum' | 'distinct' | 'count_rows'
    aggregate: str


def _branch(relation: str, listed: dict[str, Any]) -> Branch:
    aggregate = next((kind for kind in ("sum", "distinct") if kind in listed), "count_rows")
    quantity = "" if aggregate == "count_rows" else str(listed[aggregate])
    return Branch(listed["key"], relation, " ".join(str(listed.get("where", "true")).split()), quantity, aggregate)


class Models:
    """The models of one dbt project folder."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._recorded: list[Branch] = []

    @cached_property
    def paths(self) -> dict[str, Path]:
        """Model name → its file."""
        return {path.stem: path for path in sorted((self._project / "models").rglob("*.sql"))}

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])
        environment.globals |= {
            "return": _return,
            "ref": lambda name: name,
            "source": lambda schema, table: f"{schema}.{table}",
            "config": lambda **_: "",
            "var": yaml.safe_load((self._project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"].get,
            "execute": False,
            "adapter": SimpleNamespace(dispatch=self.of_duckdb),
        }
        for path in sorted((self._project / "macros").glob("*.sql")):
            for found in _MACRO.finditer(path.read_text(encoding="utf-8")):
                environment.globals[found[1]] = self._macro(environment, found[1], found[0])
        return environment

    def _macro(self, environment: Environment, name: str, text: str) -> Callable[..., Any]:
        template = environment.from_string(text)

        def call(*arguments: Any, **options: Any) -> Any:
            if listed := next((a for a in arguments if isinstance(a, list) and a and isinstance(a[0], dict)), None):
                self._recorded += [_branch(str(arguments[0]), entry) for entry in listed if "key" in entry]
                return "select 1 as recorded"
            try:
                return getattr(template.make_module(), name)(*arguments, **options)
            except _Returned as returned:
                return returned.value

        return call

    def answer(self, name: str, value: Any) -> None:
        """Let the macros find this under a name that dbt would answer for (its adapter, the relation being built)."""
        self._environment.globals[name] = value

    def of_duckdb(self, name: str) -> Callable[..., Any]:
        """The macro that dbt's `adapter.dispatch` would find for the released warehouse."""
        known = self._environment.globals
        return known.get(f"duckdb__{name}") or known[f"default__{name}"]

    def macro(self, name: str) -> Callable[..., Any]:
        """A macro of the project."""
        return self._environment.globals[name]

    def sql(self, name: str) -> str:
        """The SQL of a model, its relations by their names."""
        return self._environment.from_string(self.paths[name].read_text(encoding="utf-8")).render()

    @cached_property
    def branches(self) -> dict[str, Branch]:
        """Measure key → its branch, over all `msr_<source>` models that list branches."""
        self._recorded = []
        for name in self.paths:
            if name.startswith("msr_"):
                self.sql(name)
        return {branch.measure_key: branch for branch in self._recorded}
