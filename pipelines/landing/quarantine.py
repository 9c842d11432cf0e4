"""The refused rows as the supplier wrote them: one line each with its reasons and the text of the failing cell."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.contracts.delivery import facts_of

from .masking import masked
from .results import QUARANTINE


def quarantined(rows: pl.DataFrame, faults: pl.DataFrame, contract: Any) -> pl.DataFrame:
    """One row per refused delivered row, with the first reason, all of them, and what was written."""
    if faults.is_empty():
        return pl.DataFrame(schema=QUARANTINE)
    reasons = faults.group_by("id", maintain_order=True).agg(
        pl.col("code").first().alias("reason"),
        pl.col("code").unique(maintain_order=True).str.join("|").alias("all_reasons"),
        pl.col("column").first(),
    )
    refused = rows.join(reasons, on="id", how="inner", maintain_order="left")
    refused = refused.with_columns(_raw_value(refused, contract).alias("raw_value"))
    out = refused.with_columns(pl.lit(contract.source).alias("source"), pl.col("row").alias("row_number"))
    # a row of a wide workbook is one delivered row, however many long rows it makes
    return out.select(pl.col(name).cast(dtype) for name, dtype in QUARANTINE.items()).unique(
        ["path", "row_number"], keep="first", maintain_order=True
    )


def _raw_value(refused: pl.DataFrame, contract: Any) -> pl.Series:
    """The delivered text of the first failing cell; null for an empty one, and where it could tell of a person."""
    facts = facts_of(contract)
    value = pl.lit(None, dtype=pl.String)
    for name in refused["column"].drop_nulls().unique():
        if facts[name].pii != "none":
            continue
        written = pl.col(name).cast(pl.String)
        if f"raw:{name}" in refused.columns:
            written = pl.coalesce(f"raw:{name}", written)
        value = pl.when(pl.col("column") == name).then(written.replace("", None)).otherwise(value)
    values = refused.with_columns(value.alias("raw_value"))["raw_value"]
    texts = values.drop_nulls().unique()
    return values.replace(texts, pl.Series([masked(text) for text in texts], dtype=pl.String))
