"""What a night over the models made, beside what it had reason to make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.checks.scope import Standing

#: not made by models
SCHEMAS = ("landing", "kept", "ops")
#: asks of the months that are new to ledger_repeat, and of none in the night after; so do tables that follow another
OF_ONE_NIGHT = "repeated_key"


@dataclass(frozen=True)
class Told:
    """A finished night. `tables`: database.schema.table → its columns and rows as one text; `contents`: node → what the
    night itself says that its rows are; `landed`: source and month → digest of what landed; `standing`: what it says to
    be as in the night before; `periods`: of marts kept by period, table and period → the rows as one number."""

    name: str
    nodes: dict[str, dict[str, Any]]
    compiled: dict[str, str]
    messages: dict[str, str]
    tables: dict[str, str]
    contents: dict[str, str]
    landed: dict[tuple[str, str], str]
    standing: Standing
    periods: dict[tuple[str, str], int]

    @classmethod
    def of(cls, name: str, manifest: dict[str, Any], target: Path, files: dict[str, Path], standing: Standing) -> Told:
        """`target` is where dbt wrote its results, `files` are the databases."""
        results = json.loads((target / "run_results.json").read_bytes())["results"]
        nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
        found = [result for result in results if result["unique_id"] in nodes]
        compiled = {result["unique_id"]: result["compiled_code"] or "" for result in found}
        messages = {result["unique_id"]: result["adapter_response"]["_message"] for result in found}
        kept = [f"{node['schema']}.{node['alias']}" for node in nodes.values()
                if node["database"] == "marts" and node["config"]["materialized"] == "incremental"]  # fmt: skip
        return cls(name, nodes, compiled, messages, *_read(files), standing, _periods(files["marts"], kept))

    @property
    def made(self) -> set[str]:
        """Names of models and seeds of which something was made: the whole, or some periods."""
        return {key.split(".")[-1] for key in self._made()}

    def rows(self, table: str) -> int:
        """How many a table has, named as database.schema.table."""
        return int(self.tables[table].split()[0])

    def _made(self) -> Iterable[str]:
        for key, message in self.messages.items():
            periods = re.fullmatch(r"KEPT \d+, MADE (\d+)", message)
            if message != "KEPT" and not (periods and periods[1] == "0"):
                yield key

    def unfounded(self, former: Told, one_died: bool = False) -> set[str]:
        """What was made although its code is that of the night before, and whatever it reads is as it was then; but for
        the history where `one_died` in between, since a night changes it in place."""
        return {
            key.split(".")[-1]
            for key in self._made()
            if key in former.nodes
            and not (one_died and self.nodes[key]["database"] == "history")
            and self._code(key) == former._code(key)
            and not any(self._content(other) != former._content(other) for other in self._inputs(key))
        }

    def unlike(self, other: Told) -> set[str]:
        """Tables that differ in any row, column, type or comment, or that one of the two has not; but for those that
        hold what one night had to look at."""
        passing = {node["alias"] for node in self.nodes.values() if node["config"].get("follows")} | {OF_ONE_NIGHT}
        names = self.tables.keys() | other.tables.keys()
        return {
            name
            for name in names
            if name.split(".")[-1] not in passing and self.tables.get(name) != other.tables.get(name)
        }

    def wrongly_unchanged(self, former: Told) -> set[str]:
        """What the night calls unchanged although it is not: the release would link to the former one's files."""
        periods = {
            f"{table} {period}"
            for (table, period), rows in self.periods.items()
            if rows != former.periods.get((table, period)) and period not in self.standing.made.get(table, [period])
        }
        return periods | ({name.partition(".")[2] for name in self.unlike(former)} & self.standing.unchanged)

    def descendants(self, *sources: str) -> set[str]:
        """Names of all models that read one of these landed tables, at whatever distance."""
        found = {f"source.carestat.landing.{name}" for name in sources}
        while more := {key for key in self.nodes if key not in found and found & set(self._inputs(key))}:
            found |= more
        return {key.split(".")[-1] for key in found}

    def months_read(self, model: str) -> set[str]:
        """The months that a model asked its deliveries for."""
        return set(re.findall(r"'(20\d\d-\d\d)'", self.compiled[f"model.carestat.{model}"]))

    def months_landed(self, former: Told, *sources: str) -> set[str]:
        """The months for which other rows of these sources landed than in the night before."""
        return {
            month
            for (source, month), digest in self.landed.items()
            if source in sources and digest != former.landed.get((source, month))
        }

    def _inputs(self, key: str) -> list[str]:
        return self.nodes[key]["depends_on"].get("nodes", [])

    def _code(self, key: str) -> list[str]:
        """What makes a node: its compiled SQL, and what is said of it; of tables kept by period, whose rows are of many
        nights, the code of all that they come from."""
        node = self.nodes[key]
        said = [json.dumps([node["columns"], node["description"], node["config"].get("column_types")])]
        if node["config"]["materialized"] != "incremental":
            return [*said, self.compiled[key], *([node["checksum"]["checksum"]] if key.startswith("seed.") else [])]
        seen, coming = set(), [key]
        while coming:
            at = coming.pop()
            if at in self.nodes and at not in seen:
                seen.add(at)
                coming += self._inputs(at)
        return said + sorted(f"{at} {self.nodes[at]['checksum']['checksum']}" for at in seen)

    def _content(self, key: str) -> str | None:
        """Of tables that are made as a whole the rows themselves; else what the night says."""
        node = self.nodes.get(key)
        if node and node["config"]["materialized"] in ("table", "seed"):
            return self.tables[f"{node['database']}.{node['schema']}.{node['alias']}"]
        return self.contents.get(key)


def _periods(marts: Path, tables: list[str]) -> dict[tuple[str, str], int]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as kept (read_only)")
        return {
            (table, period): rows
            for table in tables
            for period, rows in connection.execute(
                f"select period, sum(cast(hash(rows_) as hugeint)) from kept.{table} as rows_ group by period"
            ).fetchall()
        }


def _read(files: dict[str, Path]) -> tuple[dict[str, str], dict[str, str], dict[tuple[str, str], str]]:
    """All tables of these databases, each as one text whatever the order of its rows; their kept.state; the months."""
    with duckdb.connect() as connection:
        for name, path in files.items():
            connection.execute(f"attach '{path}' as {name} (read_only)")
        columns = connection.execute(
            "select database_name || '.' || schema_name || '.' || table_name,"
            " string_agg(concat_ws(' ', column_name, data_type, comment), '; ' order by column_index)"
            " from duckdb_columns() where database_name in (select unnest(?)) and schema_name not in (select unnest(?))"
            " group by all",
            [list(files), list(SCHEMAS)],
        ).fetchall()
        names = {row[0] for row in connection.execute(
            "select database_name || '.' || schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()}  # fmt: skip
        tables = {}
        for name, told in columns:
            if name in names:
                sums = f"select count(*) || ' ' || coalesce(sum(hash(rows_)), 0) from {name} as rows_"
                tables[name] = f"{connection.execute(sums).fetchone()[0]} {told}"
        contents = {}
        for database in ("work", "history"):
            contents |= dict(connection.execute(f"select node, content from {database}.kept.state").fetchall())
        months = connection.execute(
            "select register, delivery_period, digest from work.landing.landed_month"
        ).fetchall()
    return tables, contents, {(register, month): digest for register, month, digest in months}
