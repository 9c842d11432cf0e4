"""What is told of rows that landed, of rows refused for a reason that needs words, and of whole files."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.contracts.delivery import rules_of

from .discover import DeliveredFile
from .parse import FileFacts
from .results import FINDING

ROW_FINDING = {"id": pl.UInt32, "column": pl.String, "detail": pl.String, "finding": pl.String}


def flag_findings(flags: list[pl.DataFrame], contract: Any) -> list[pl.DataFrame]:
    """Rules that only flag, in the words of the contract."""
    titles = {f"flag:{rule.name}": f"不符合“{rule.title}”，请核对 · please check" for rule in rules_of(contract)}
    return [
        part.select("id", "column", pl.col("code").replace(titles).alias("detail"), pl.col("code").alias("finding"))
        for part in flags
        if part.height
    ]


def check_digits(rows: pl.DataFrame) -> pl.DataFrame:
    """Citizen numbers with a wrong check digit: landed, and told (spec §8)."""
    column = rows["wrong_check_digit"]
    wrong = rows.filter(column.is_not_null()) if column.null_count() < len(column) else rows.clear()
    return wrong.select(
        "id",
        pl.col("wrong_check_digit").alias("column"),
        pl.lit("校验码不符，请核对 · wrong check digit").alias("detail"),
        pl.lit("id_check_digit").alias("finding"),
    )


def located(
    findings: list[pl.DataFrame],
    landed: pl.DataFrame,
    told: pl.DataFrame,
    rows: pl.DataFrame,
    contract: Any,
) -> pl.DataFrame:
    """Findings of landed rows and what is told of refused ones, with file and row number."""
    found = pl.concat([pl.DataFrame(schema=ROW_FINDING), *(part.select(list(ROW_FINDING)) for part in findings)])
    of_rows = pl.concat([found.join(landed, on="id", how="semi"), told]) if found.height else told
    if of_rows.is_empty():
        return pl.DataFrame(schema=FINDING)
    located = of_rows.join(rows.select("id", "path", "row", "period"), on="id", how="inner").sort(
        "id", "finding", maintain_order=True
    )
    by_row = located.with_columns(pl.lit(contract.source).alias("source"), pl.col("row").alias("row_number")).unique(
        ["path", "row_number", "finding", "column"], keep="first", maintain_order=True
    )
    return by_row.select(pl.col(name).cast(dtype) for name, dtype in FINDING.items())


def file_findings(file: DeliveredFile, facts: FileFacts, contract: Any) -> list[dict[str, Any]]:
    """What is told of a whole file: columns not read, and why it was refused."""
    base = {"path": file.shown, "source": contract.source, "period": file.period, "row_number": None}
    found = [
        base | {"finding": "unmatched_column", "column": text, "detail": "约定中没有这一列，未读入 · column not read"}
        for text in facts.unmatched
    ]
    if facts.reason:
        found.append(base | {"finding": "file_rejected", "column": None, "detail": f"{facts.reason}: {facts.detail}"})
    return found
