"""Whether Spark's tables say what DuckDB's say, table by table and cell by cell.

Whole numbers, money, codes and texts must be the same; a double may differ by 1e-12 of its size, as the two engines add
doubles in another order. Rows are paired by the key that the model's own test names, else by all that is no double.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

TOLERANCE = 1e-12
#: what is released: these tables are compared
SCHEMAS = ("marts", "reference")

Keys = dict[tuple[str, str], list[str]]


@dataclass(frozen=True)
class Equality:
    """One table beside its twin. `rows_alone`, `unlike` (cells) and `shape` (columns or types) must be nothing;
    `last_digits` counts doubles that are not the same bits, `farthest` is their largest relative distance."""

    table: str
    rows: int
    columns: int
    rows_alone: int
    unlike: int
    last_digits: int
    farthest: float
    shape: str

    @property
    def holds(self) -> bool:
        return not (self.rows_alone or self.unlike or self.shape)


def keys_of(manifest: Path) -> Keys:
    """(schema, table) → the columns that its test `unique_key` says identify a row."""
    nodes = json.loads(manifest.read_bytes())["nodes"]
    found: Keys = {}
    for node in nodes.values():
        told = node.get("test_metadata") or {}
        if told.get("name") == "unique_key":
            of = nodes[node["attached_node"]]
            found[of["schema"], of["alias"]] = told["kwargs"]["columns"]
    return found


def compare(duckdb_file: Path, spark_folder: Path, keys: Keys) -> list[Equality]:
    """Every table of the released schemas of a DuckDB file beside Spark's files, `spark_folder`/<schema>.db/<table>/.

    A table that only one of them has is unlike its twin in all it holds.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{duckdb_file}' as one (read_only)")
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'one'"
            " and schema_name in (select unnest(?)) order by all",
            [list(SCHEMAS)],
        ).fetchall()
        folders = [folder for schema in SCHEMAS for folder in spark_folder.glob(f"{schema}.db/*/")]
        made = {(folder.parent.stem, folder.name) for folder in folders}
        return [
            _compared(connection, schema, table, spark_folder, keys.get((schema, table), []))
            if (schema, table) in made and (schema, table) in names
            else _alone(schema, table, (schema, table) in made)
            for schema, table in sorted({*names, *made})
        ]


def _alone(schema: str, table: str, is_sparks: bool) -> Equality:
    where = "Spark" if is_sparks else "DuckDB"
    return Equality(f"{schema}.{table}", 0, 0, 0, 0, 0, 0.0, f"only on {where}")


def _compared(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, spark_folder: Path, key: list[str]
) -> Equality:
    connection.execute(f"create or replace temp view left_ as select * from one.{schema}.{table}")
    files = spark_folder / f"{schema}.db" / table / "*.parquet"
    connection.execute(f"create or replace temp view right_ as select * from read_parquet('{files}')")
    here, there = (_columns(connection, side) for side in ("left_", "right_"))
    names = [*here, *(name for name in there if name not in here)]
    told = [(name, here.get(name, "none"), there.get(name, "none")) for name in names]
    shape = ", ".join(f"{name} {kind} / {other}" for name, kind, other in told if kind != other)
    shared = [name for name in here if name in there]
    doubles = [name for name in shared if here[name] == "DOUBLE"]
    exact = [name for name in shared if name not in doubles]
    paired = key or exact
    turn = f"row_number() over (partition by {_list(paired)} order by {_list(shared)}) as turn_"
    match = " and ".join(f'l."{name}" is not distinct from r."{name}"' for name in paired)
    unlike = [f'l."{name}" is distinct from r."{name}"' for name in exact if name not in paired]
    unlike += [f"not coalesce({_distance(name)} <= {TOLERANCE}, false)" for name in doubles]
    bits = [f'l."{name}" is distinct from r."{name}"' for name in doubles]
    counted = connection.execute(
        f"""
        with l as (select *, true as here_, {turn} from left_), r as (select *, true as there_, {turn} from right_)
        select
            count(l.here_),
            count(*) filter (where l.here_ is null or r.there_ is null),
            coalesce(sum({_sum(unlike)}) filter (where l.here_ and r.there_), 0),
            coalesce(sum({_sum(bits)}) filter (where l.here_ and r.there_), 0),
            coalesce(max({f"greatest({', '.join(map(_distance, doubles))})" if doubles else "0"}), 0)
        from l full join r on {match} and l.turn_ = r.turn_
        """
    ).fetchone()
    assert counted
    rows, alone, cells, last_digits, farthest = counted
    return Equality(f"{schema}.{table}", rows, len(here), alone, cells, last_digits, farthest, shape)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in connection.execute(f"describe {relation}").fetchall()}


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _sum(conditions: list[str]) -> str:
    return " + ".join(f"({condition})::int" for condition in conditions) or "0"


def _distance(name: str) -> str:
    """Relative to the larger of the two; 0 where both are NULL, NULL where one is."""
    here, there = f'l."{name}"', f'r."{name}"'
    return (
        f"case when {here} is not distinct from {there} then 0"
        f" else abs({here} - {there}) / greatest(abs({here}), abs({there})) end"
    )


def shown(found: list[Equality]) -> str:
    """The table of equality as text (Markdown), what differs first said in its last column."""
    lines = [
        "| table | rows | columns | rows alone | cells unlike | doubles in the last digits | farthest | shape |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {one.table} | {one.rows:,} | {one.columns} | {one.rows_alone:,} | {one.unlike:,} | {one.last_digits:,}"
        f" | {one.farthest:.1e} | {one.shape} |"
        for one in found
    ]
    rows, cells = sum(one.rows for one in found), sum(one.rows * one.columns for one in found)
    lines.append(f"\n{len(found)} tables, {rows:,} rows, {cells:,} cells; {sum(not one.holds for one in found)} unlike")
    return "\n".join(lines)
