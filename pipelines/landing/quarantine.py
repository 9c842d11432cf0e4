"""The refused rows as the supplier wrote them: one line each with its reasons and the text of the failing cell."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.contracts.delivery import ColumnFacts, facts_of

from .masking import masked
from .parse import NO_CODE
from .results import FAULT, QUARANTINE


def quarantined(rows: pl.DataFrame, faults: pl.DataFrame, contract: Any) -> pl.DataFrame:
    """One row per refused delivered row, with the first reason, all of them, and what was written."""
    if faults.is_empty():
        return pl.DataFrame(schema=QUARANTINE)
    # a row of a wide workbook is one delivered row, however many long rows it makes
    placed = faults.join(rows.select("id", "path", "row"), on="id", how="inner", maintain_order="left")
    placed = placed.sort("path", "row", "rank", maintain_order=True)
    reasons = placed.group_by("path", "row", maintain_order=True).agg(
        pl.col("id").first(),
        pl.col("code").first().alias("reason"),
        pl.col("code").unique(maintain_order=True).str.join("|").alias("all_reasons"),
        pl.col("column").first(),
    )
    refused = rows.join(reasons.drop("path", "row"), on="id", how="inner", maintain_order="left")
    refused = refused.with_columns(_raw_value(refused, contract).alias("raw_value"))
    out = refused.with_columns(pl.lit(contract.source).alias("source"), pl.col("row").alias("row_number"))
    return out.select(pl.col(name).cast(dtype) for name, dtype in QUARANTINE.items())


def reasons_of_rows(rows: pl.DataFrame, faults: pl.DataFrame, contract: Any) -> pl.DataFrame:
    """One row per refused delivered row × reason × column, in the order of the checks: what its supplier is told."""
    located = faults.join(rows.select("id", "path", "sheet", "row"), on="id", how="inner", maintain_order="left")
    out = located.with_columns(
        pl.lit(contract.source).alias("source"), pl.col("row").alias("row_number"), pl.col("code").alias("reason")
    )
    return out.select(pl.col(name).cast(dtype) for name, dtype in FAULT.items()).unique(maintain_order=True)


def _raw_value(refused: pl.DataFrame, contract: Any) -> pl.Series:
    """The delivered text of the first failing cell; null for an empty one, and where it could tell of a person."""
    facts = facts_of(contract)
    value = pl.lit(None, dtype=pl.String)
    for name in refused["column"].drop_nulls().unique():
        if facts[name].pii != "none":
            continue
        value = pl.when(pl.col("column") == name).then(as_delivered(refused, name, facts[name])).otherwise(value)
    values = refused.with_columns(value.alias("raw_value"))["raw_value"]
    texts = values.drop_nulls().unique()
    shown = [masked(text.removeprefix(NO_CODE)) or None for text in texts]
    return values.replace(texts, pl.Series(shown, dtype=pl.String))


def as_delivered(rows: pl.DataFrame, name: str, facts: ColumnFacts) -> pl.Expr:
    """The delivered text of a column, or the value written out where it need not have been kept; null for an empty
    cell."""
    written = pl.col(name).cast(pl.String)
    if facts.kind == "decimal":
        written = written.str.strip_chars_end("0").str.strip_chars_end(".")
    if facts.kind == "enum":
        words = {meant: word for word, meant in reversed(facts.values.items())}
        written = written.replace(list(words), list(words.values()))
    if f"raw:{name}" in rows.columns:
        written = pl.coalesce(f"raw:{name}", written)
    return written.replace("", None)
