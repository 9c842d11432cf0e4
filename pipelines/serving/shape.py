"""Statements that make the tables and views of a load: PostgreSQL types, comments, indexes, and who sees which rows."""

from __future__ import annotations

import hashlib
import re

from psycopg import sql

from pipelines.serving.protection import Table
from pipelines.serving.rows import HELD, REGION, Column

#: schemas of a load: what accounts name, and behind it what no account may touch
SERVED, BEHIND = ("marts", "reference"), ("masked", "held")
SCHEMAS = SERVED + BEHIND
#: while a load is under way
NEXT = "_next"

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

IS_CLEARED = "coalesce((select account.is_cleared from carestat.account where account.name = session_user), false)"
#: regions of which the account sees all
OWN = f"""
    select reach.region_code
    from carestat.account
    inner join masked{NEXT}.account_reach as reach on account.region_code = reach.account_region
    where account.name = session_user"""
#: whether masked rows are not what the account is to see
SEES_TRUE = f"{IS_CLEARED} or {REGION} in ({OWN})"


class UnknownType(Exception):
    """A column of a type that nobody has matched with one of PostgreSQL."""


def postgres_type(duckdb_type: str) -> str:
    """Raises UnknownType."""
    if found := DECIMAL.fullmatch(duckdb_type):
        return f"numeric({found[1]}, {found[2]})"
    if duckdb_type not in TYPES:
        raise UnknownType(f"没有对应的 PostgreSQL 类型 · no PostgreSQL type for {duckdb_type}")
    return TYPES[duckdb_type]


def create_table(schema: str, name: str, columns: list[Column], extra: tuple[str, ...] = ()) -> sql.Composed:
    """A table of the next load; `extra`: REGION, HELD."""
    kinds = [(column.name, postgres_type(column.type)) for column in columns]
    kinds += [(column, "boolean" if column == HELD else "text") for column in extra]
    return sql.SQL("create table {} ({})").format(
        sql.Identifier(schema + NEXT, name),
        sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in kinds),
    )


def create_view(table: Table, columns: list[Column]) -> sql.Composed:
    """What accounts see of a protected table: masked rows, and true ones of the account's own region instead.

    The true ones are fetched apart (a materialized expression): no condition that a user writes ever meets another
    row. The planner would otherwise try conditions that cannot fail before it asks whose row it is, and `explain
    analyze` then shows whether they held.
    """
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    held = sql.Identifier("held" + NEXT, table.name)
    own = sql.SQL("select {} from {} where {}").format(names, held, sql.SQL(IS_CLEARED))
    if table.protection.rows != "cleared":
        own += sql.SQL(" union all select {} from {} where {} in ({})").format(
            names, held, sql.Identifier(REGION), sql.SQL(OWN)
        )
    shown = sql.SQL("select {} from own").format(names)
    if table.protection.rows == "all":
        shown += sql.SQL(" union all select {} from {} where not {} or not ({})").format(
            names, sql.Identifier("masked" + NEXT, table.name), sql.Identifier(HELD), sql.SQL(SEES_TRUE)
        )
    return sql.SQL("create view {} with (security_barrier) as with own as materialized ({}) {}").format(
        sql.Identifier(table.schema + NEXT, table.name), own, shown
    )


def comments(table: Table, comment: str, columns: list[Column]) -> list[sql.Composed]:
    """The release's own comments, on the table or view that accounts name."""
    relation = sql.Identifier(table.schema + NEXT, table.name)
    kind = sql.SQL("table" if table.protection.is_open else "view")
    found = [sql.SQL("comment on {} {} is {}").format(kind, relation, sql.Literal(comment))]
    return found + [
        sql.SQL("comment on column {}.{} is {}").format(
            relation, sql.Identifier(column.name), sql.Literal(column.comment)
        )
        for column in columns
    ]


def indexes(schema: str, table: Table) -> list[sql.Composed]:
    """Of one of the tables behind a served one; the key is unique there too."""
    relation = sql.Identifier(schema + NEXT, table.name)
    found = []
    wanted = (table.protection.key, *table.protection.index, *(((REGION,),) if schema == "held" else ()))
    for number, columns in enumerate(wanted):
        if columns:
            name = hashlib.sha256(f"{schema}.{table.name}.{number}".encode()).hexdigest()[:16]
            found.append(
                sql.SQL("create {} index {} on {} ({})").format(
                    sql.SQL("unique" if number == 0 else ""),
                    sql.Identifier(f"x{name}"),
                    relation,
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                )
            )
    if schema == "held":
        # the planner's estimates would tell of hidden values: it has none of this table
        found.append(sql.SQL("alter table {} set (autovacuum_enabled = false)").format(relation))
    else:
        found.append(sql.SQL("analyze {}").format(relation))
    return found
