"""The registry as rows: seeds by their file names, and what the model files declare of released tables."""

from __future__ import annotations

import csv
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, str]


class Registry:
    """Seeds and released tables of one dbt project folder."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self.rows = cache(self._rows)

    def _rows(self, seed: str) -> list[Row]:
        """All rows of seeds/<seed>.csv, blanks as ''."""
        with (self._project / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
            return [{name: value or "" for name, value in row.items()} for row in csv.DictReader(file)]

    def by(self, seed: str, column: str) -> dict[str, Row]:
        """Rows of a seed by a column that identifies them."""
        return {row[column]: row for row in self.rows(seed)}

    def where(self, seed: str, **wanted: str) -> list[Row]:
        """Rows of a seed that hold these values."""
        return [row for row in self.rows(seed) if all(row[name] == value for name, value in wanted.items())]

    @cached_property
    def seeds(self) -> dict[str, dict[str, Any]]:
        """Seed → its declaration (description, alias, columns)."""
        declared = yaml.safe_load((self._project / "seeds" / "seeds.yml").read_text(encoding="utf-8"))
        return {seed["name"]: seed for seed in declared["seeds"]}

    @cached_property
    def decisions(self) -> dict[tuple[str, str], str]:
        """(staging model, column) → what the model decides by it, in words: a name, a colon, the reason."""
        declared = yaml.safe_load((self._project / "models/staging/staging.yml").read_text(encoding="utf-8"))
        return {
            (model["name"], column["name"]): column["description"]
            for model in declared["models"]
            for column in model["columns"]
        }

    @cached_property
    def tables(self) -> list[dict[str, Any]]:
        """Released tables declared in model files, marts first: schema, name, description, columns."""
        found = []
        for schema in ("marts", "reference"):
            for path in sorted((self._project / "models" / schema).rglob("*.yml")):
                for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                    found.append(_table(schema, model["name"], model))
                    if model["name"] == "subsidy_entitlement":  # a column more for each condition
                        found[-1]["columns"] += [
                            {"name": row["condition_key"], "data_type": "varchar", "description": row["name_zh"]}
                            for row in self.rows("subsidy_conditions")
                        ]
        for name, seed in self.seeds.items():
            config = seed.get("config", {})
            found.append(_table(config.get("schema", "reference"), config.get("alias", name), seed))
        return found


def _table(schema: str, name: str, declared: dict[str, Any]) -> dict[str, Any]:
    columns = [
        {"name": c["name"], "data_type": c.get("data_type", ""), "description": c.get("description", "")}
        for c in declared.get("columns", [])
    ]
    return {"schema": schema, "name": name, "description": declared.get("description", ""), "columns": columns}
