"""The checks of a row, in the order of spec §1: every failure of every row as (id, rank, code, column)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

import dataframely as dy
import polars as pl

from pipelines.contracts.delivery import facts_of, rules_of

from .groups import GROUP_RULES
from .region_register import RegionsOn

RANKS = {
    code: rank
    for rank, code in enumerate(
        ("ragged_row", "missing_required", "bad_type", "bad_enum", "out_of_range", "unknown_region",
         "ambiguous_region", "out_of_jurisdiction")
    )
}  # fmt: skip
FIRST_RULE, DUPLICATE, FACILITY, GROUP = 100, 1000, 1001, 1002
FAULTS = {"id": pl.UInt32, "rank": pl.Int64, "code": pl.String, "column": pl.String}


def fault(ids: pl.Series, code: str, column: str | None, rank: int | None = None) -> pl.DataFrame:
    """The rows `ids` fail `code` at `column`."""
    return pl.DataFrame({"id": ids}, schema={"id": pl.UInt32}).with_columns(
        pl.lit(RANKS[code] if rank is None else rank, dtype=pl.Int64).alias("rank"),
        pl.lit(code).alias("code"),
        pl.lit(column, dtype=pl.String).alias("column"),
    )


def written_faults(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """What parsing found: ragged rows, and cells that could not be read."""
    marks = rows.select("id", "ragged", "faults")
    ragged = marks.filter("ragged")
    cells = marks.filter(pl.col("faults").is_not_null() & ~pl.col("ragged"))
    parts = cells.select("id", pl.col("faults").str.split("|")).explode("faults").select(
        "id", pl.col("faults").str.split(":").list.to_struct(fields=["code", "column"]).struct.unnest()
    )  # fmt: skip
    ranked = parts.with_columns(pl.col("code").replace_strict(RANKS, return_dtype=pl.Int64).alias("rank"))
    return [fault(ragged["id"], "ragged_row", None), ranked.select(list(FAULTS))]


@cache
def _judging_schema(contract: Any) -> tuple[type[dy.Schema], tuple[str, ...]]:
    """The contract plus the row id and what its rules ask of the register and the period."""
    asked: set[str] = set()
    for rule in rules_of(contract):
        asked |= set(rule.expression(contract).meta.root_names())
    context = tuple(sorted(asked - set(contract.columns())))
    columns = {name: dy.String(nullable=True) if name.endswith(".parent") else dy.Date() for name in context}
    return type(f"{contract.__name__}Judged", (contract,), {"id": dy.UInt32(), **columns}), context


def contract_faults(
    rows: pl.DataFrame, contract: Any, regions: RegionsOn, bounds: tuple[date, date]
) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Failures of columns and row rules by the contract's schema; and the rules that only flag, as (id, name)."""
    schema, context = _judging_schema(contract)
    facts, rules = facts_of(contract), rules_of(contract)
    known = {"period_start": pl.lit(bounds[0]), "period_end": pl.lit(bounds[1])}
    extra = [
        known[name].alias(name) if name in known else _parents(rows[name.removesuffix(".parent")], regions).alias(name)
        for name in context
    ]
    absent = [pl.lit(None, dtype=c.dtype).alias(n) for n, c in contract.columns().items() if n not in rows.columns]
    judged = rows.with_columns(*extra, *absent)
    if rows["ragged"].any():
        judged = judged.filter(~pl.col("ragged"))
    details = schema.filter(judged.select(schema.column_names())).failure.details()
    faults: list[pl.DataFrame] = []
    flags: list[pl.DataFrame] = []
    if details.is_empty():
        return faults, flags
    for name, column in facts.items():
        if f"{name}|nullability" in details.columns and column.derived_from is None:
            ids = _invalid(details, f"{name}|nullability")
            faults.append(fault(_truly_missing(ids, judged, name, column), "missing_required", name))
        for bound in ("min", "max"):
            if f"{name}|{bound}" in details.columns:
                faults.append(fault(_invalid(details, f"{name}|{bound}"), "out_of_range", name))
    for place, rule in enumerate(rules):
        ids = _invalid(details, rule.name)
        if rule.action == "flag":
            flags.append(fault(ids, f"flag:{rule.name}", rule.column, 0))
        else:
            faults.append(fault(ids, rule.reason, rule.column, RANKS.get(rule.reason, FIRST_RULE + place)))
    return faults, flags


def _invalid(details: pl.DataFrame, rule: str) -> pl.Series:
    return details.filter(pl.col(rule) == "invalid")["id"]


def _truly_missing(ids: pl.Series, judged: pl.DataFrame, name: str, column: Any) -> pl.Series:
    """Without the cells that could not be read, and those where 不适用 is accepted."""
    rows = judged.filter(pl.col("id").is_in(ids.implode()))
    excused = pl.col("faults").str.split("|").list.eval(pl.element().str.ends_with(f":{name}")).list.any()
    if column.not_applicable_if is not None:
        outside = pl.col("not_applicable").str.split("|").list.contains(name)
        excused = excused.fill_null(False) | (outside & column.not_applicable_if())
    return rows.filter(~excused.fill_null(False))["id"]


def _parents(codes: pl.Series, regions: RegionsOn) -> pl.Series:
    distinct = codes.drop_nulls().unique()
    parents = pl.Series([regions.parent_of(code) for code in distinct], dtype=pl.String)
    return codes.replace_strict(distinct, parents, default=None, return_dtype=pl.String)


def jurisdiction_faults(rows: pl.DataFrame, column: str, regions: RegionsOn) -> list[pl.DataFrame]:
    """Rows whose region is neither the supplier's nor beneath it."""
    if rows["supplier"].n_unique() == 1:  # as in large files: one column is many times as fast as pairs
        supplier = rows["supplier"][0]
        codes = rows[column].drop_nulls().unique()
        beyond = [code for code in codes if supplier not in regions.line_of(code)]
        return [fault(rows.filter(pl.col(column).is_in(beyond))["id"], "out_of_jurisdiction", column)] if beyond else []
    pairs = rows.select(column, "supplier").drop_nulls().unique()
    outside = pairs.filter(
        pl.Series([supplier not in regions.line_of(code) for code, supplier in pairs.iter_rows()], dtype=pl.Boolean)
    )
    ids = rows.join(outside, on=[column, "supplier"], how="semi", maintain_order="left")["id"]
    return [fault(ids, "out_of_jurisdiction", column)]


def reference_faults(rows: pl.DataFrame, contract: Any, known_facilities: pl.Series | None) -> list[pl.DataFrame]:
    """References to a facility that no register of the month, nor an earlier one of the year, holds."""
    columns = [name for name, column in facts_of(contract).items() if column.references]
    if known_facilities is None:
        return []
    unknown = [pl.col(name).is_not_null() & ~pl.col(name).is_in(known_facilities.implode()) for name in columns]
    return [
        fault(rows.filter(mask)["id"], "unknown_facility", name, FACILITY)
        for name, mask in zip(columns, unknown, strict=True)
    ]


def key_scope(contract: Any) -> list[str]:
    """The columns within which a key stands once: the key itself, and the supplier where persons are delivered."""
    key = [name for name, column in facts_of(contract).items() if column.key]
    return [*key, "supplier"] if contract.key_per_supplier else key


def duplicate_faults(rows: pl.DataFrame, contract: Any, refused: pl.Series) -> list[pl.DataFrame]:
    """Rows whose key a sound row before them holds; `rows` stand in (supplier, line) order."""
    scope = key_scope(contract)
    # sorted hashes tell in a fifth of the time whether any key may stand twice
    hashes = rows.select(pl.struct(scope).hash()).to_series().sort()
    if not (hashes == hashes.shift()).any():
        return []
    repeated = rows.select("id", *scope).filter(rows.select(scope).is_duplicated())
    if repeated.is_empty():
        return []
    sound = repeated.filter(~pl.col("id").is_in(refused.implode()))
    first = sound.group_by(scope).agg(pl.col("id").min().alias("first"))
    later = repeated.join(first, on=scope, how="inner").filter(pl.col("id") > pl.col("first"))
    return [fault(later["id"].sort(), "duplicate_key", scope[0], DUPLICATE)]


def group_faults(sound: pl.DataFrame, contract: Any) -> list[pl.DataFrame]:
    """Groups of rows that do not stand together."""
    key = [name for name, column in facts_of(contract).items() if column.key]
    faults = []
    for place, name in enumerate(contract.group_rules):
        test, column = GROUP_RULES[name]
        if sound.height:
            faults.append(fault(sound.filter(test(sound, key))["id"], f"rule:{name}", column, GROUP + place))
    return faults


def all_faults(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One frame of failures, each row's in the order of the checks."""
    return pl.concat([pl.DataFrame(schema=FAULTS), *parts]).sort("id", "rank", maintain_order=True)
