"""Statements that make the tables and views of the server: types, comments, indexes, and who sees which rows.

`shown` has every row as everybody sees it, `held` the true ones of which something is hidden; `marts` and `reference`
are views over them. Rows of two loads stand side by side while one follows the other: a row of carestat.release says
which counts, so that every statement sees the whole of one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import duckdb
from psycopg import sql

from pipelines.serving.protection import Table
from pipelines.serving.rows import HELD, REGION, Column, columns_of, comment_of

#: what accounts name, and behind it what no account may touch
SERVED, BEHIND = ("marts", "reference"), ("shown", "held")
SCHEMAS = SERVED + BEHIND
#: while tables of another shape are made
NEXT = "_next"
LOAD = "load__"
REACH = "account_reach"

TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(39, 0)",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")

IN_SERVICE = f"{LOAD} = (select release.load from carestat.release)"
IS_CLEARED = "coalesce((select account.is_cleared from carestat.account where account.name = session_user), false)"
#: regions of which the account sees all
OWN = f"""
    select reach.region_code
    from carestat.account
    inner join shown{NEXT}.{REACH} as reach on account.region_code = reach.account_region
    where account.name = session_user and reach.{IN_SERVICE}"""
#: whether what is shown to everybody is not what the account is to see
SEES_TRUE = f"{IS_CLEARED} or {REGION} in ({OWN})"


class UnknownType(Exception):
    """A column of a type that nobody has matched with one of PostgreSQL."""


@dataclass(frozen=True)
class Shape:
    """`before` and `after` the rows are written: the statements that make the tables, and all else."""

    before: tuple[sql.Composed, ...]
    after: tuple[sql.Composed, ...]

    @property
    def digest(self) -> str:
        """Of another release that has the same, rows can join those that are there."""
        text = "\n".join(statement.as_string() for statement in self.before + self.after)
        return hashlib.sha256(text.encode()).hexdigest()


def shape_of(release: duckdb.DuckDBPyConnection, tables: list[Table]) -> Shape:
    """What serves these tables. Raises UnknownType."""
    before = [_create("shown", REACH, [Column("account_region", "VARCHAR", ""), Column("region_code", "VARCHAR", "")])]
    after = [_index("shown", REACH, 0, ("account_region", "region_code"), is_unique=True)]
    for table in tables:
        columns = columns_of(release, table)
        for schema, extra in behind(table).items():
            before.append(_create(schema, table.stored, columns, extra))
            after += _indexes(schema, table)
        after.append(_view(table, columns))
        after += _comments(table, comment_of(release, table), columns)
    return Shape(tuple(before), tuple(after))


def behind(table: Table) -> dict[str, tuple[str, ...]]:
    """The schemas that the table has rows in, with their columns beside its own."""
    if table.protection.is_open:
        return {"shown": ()}
    return {"shown": (REGION, HELD), "held": (REGION,)}


def postgres_type(duckdb_type: str) -> str:
    """Raises UnknownType."""
    if found := DECIMAL.fullmatch(duckdb_type):
        return f"numeric({found[1]}, {found[2]})"
    if duckdb_type not in TYPES:
        raise UnknownType(f"没有对应的 PostgreSQL 类型 · no PostgreSQL type for {duckdb_type}")
    return TYPES[duckdb_type]


def _create(schema: str, name: str, columns: list[Column], extra: tuple[str, ...] = ()) -> sql.Composed:
    kinds = [(column.name, postgres_type(column.type)) for column in columns]
    kinds += [(column, "boolean" if column == HELD else "text") for column in extra]
    kinds.append((LOAD, "integer not null"))
    # the planner's estimates would tell of hidden values: it has none of them
    options = " with (autovacuum_enabled = false)" if schema == "held" else ""
    return sql.SQL("create table {} ({})" + options).format(
        sql.Identifier(schema + NEXT, name),
        sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in kinds),
    )


def _view(table: Table, columns: list[Column]) -> sql.Composed:
    """What accounts see.

    True rows of the account's own region are fetched apart (a materialized expression): no condition that a user writes
    ever meets another row. The planner would otherwise try conditions that cannot fail before it asks whose row it is,
    and `explain analyze` then shows whether they held.
    """
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    view = sql.Identifier(table.schema + NEXT, table.name)
    shown, held = (sql.Identifier(schema + NEXT, table.stored) for schema in BEHIND)
    current = sql.SQL(IN_SERVICE)
    if table.protection.is_open:
        return sql.SQL("create view {} as select {} from {} where {}").format(view, names, shown, current)
    own = sql.SQL("select {} from {} where {} and {}").format(names, held, current, sql.SQL(IS_CLEARED))
    if table.protection.rows != "cleared":
        own += sql.SQL(" union all select {} from {} where {} and {} in ({})").format(
            names, held, current, sql.Identifier(REGION), sql.SQL(OWN)
        )
    seen = sql.SQL("select {} from own").format(names)
    if table.protection.rows == "all":
        seen += sql.SQL(" union all select {} from {} where {} and (not {} or not ({}))").format(
            names, shown, current, sql.Identifier(HELD), sql.SQL(SEES_TRUE)
        )
    return sql.SQL("create view {} with (security_barrier) as with own as materialized ({}) {}").format(view, own, seen)


def _comments(table: Table, comment: str, columns: list[Column]) -> list[sql.Composed]:
    """The release's own."""
    view = sql.Identifier(table.schema + NEXT, table.name)
    found = [sql.SQL("comment on view {} is {}").format(view, sql.Literal(comment))]
    return found + [
        sql.SQL("comment on column {}.{} is {}").format(view, sql.Identifier(column.name), sql.Literal(column.comment))
        for column in columns
    ]


def _indexes(schema: str, table: Table) -> list[sql.Composed]:
    """The key is unique in a load, among what is shown and among what is held."""
    wanted = [table.protection.key, *table.protection.index]
    if schema == "held":
        wanted.append((REGION,))
    return [
        _index(schema, table.stored, number, columns, is_unique=number == 0)
        for number, columns in enumerate(wanted)
        if columns
    ]


def _index(schema: str, name: str, number: int, columns: tuple[str, ...], is_unique: bool) -> sql.Composed:
    short = hashlib.sha256(f"{schema}.{name}.{number}".encode()).hexdigest()[:16]
    return sql.SQL("create {} index {} on {} ({})").format(
        sql.SQL("unique" if is_unique else ""),
        sql.Identifier(f"x{short}"),
        sql.Identifier(schema + NEXT, name),
        sql.SQL(", ").join(map(sql.Identifier, (*columns, LOAD))),
    )
