"""Brings the region columns of delivered rows up to the period end, and finds whose rows they are."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.contracts.delivery import LEVELS, facts_of

from .judge import fault
from .region_register import RegionsOn


def region_columns(contract: Any) -> list[str]:
    """Columns that hold region codes, in the order of the contract."""
    return [name for name, column in facts_of(contract).items() if column.kind == "region"]


def own_region(contract: Any) -> str | None:
    """The column that says whose row it is (spec §8): region_code, else county_code."""
    return next((name for name in ("region_code", "county_code") if name in contract.columns()), None)


def brought_up_to_date(
    rows: pl.DataFrame, contract: Any, regions: RegionsOn
) -> tuple[pl.DataFrame, list[pl.DataFrame], list[pl.DataFrame]]:
    """Rows with current codes; failures (unknown_region, ambiguous_region); findings as (id, column, detail)."""
    faults: list[pl.DataFrame] = []
    findings: list[pl.DataFrame] = []
    columns = region_columns(contract)
    for name in reversed(columns):  # finer codes stand later in a contract's row than the county, or before it
        distinct = rows[name].drop_nulls().unique()
        resolved = {code: regions.resolve(code) for code in distinct}
        changed = {code: r for code, r in resolved.items() if r.code != code or r.fault}
        if not changed:
            continue
        rows = _with_text(rows, name)
        if ambiguous := {code for code, r in changed.items() if r.fault == "ambiguous_region"}:
            rows, settled = _by_finer_code(rows, name, [c for c in columns if c != name], ambiguous, regions)
            findings.append(settled)
        for reason in ("unknown_region", "ambiguous_region"):
            codes = [code for code, r in changed.items() if r.fault == reason]
            if codes:
                faults.append(fault(rows.filter(pl.col(name).is_in(codes))["id"], reason, name))
        new = {code: r.code for code, r in changed.items() if r.fault is None}
        if mapped := {code: r.code for code, r in changed.items() if r.mapped and r.fault is None}:
            hits = rows.filter(pl.col(name).is_in(list(mapped)))
            detail = pl.col(name) + " → " + pl.col(name).replace_strict(mapped, default=None, return_dtype=pl.String)
            findings.append(hits.select("id", pl.lit(name).alias("column"), detail.alias("detail")))
        rows = rows.with_columns(pl.col(name).replace(new))
    return rows, faults, findings


def _with_text(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Keeps the delivered text of a column whose codes are about to change: quarantine shows what was written."""
    text = pl.coalesce(f"raw:{name}", name) if f"raw:{name}" in rows.columns else pl.col(name)
    return rows.with_columns(text.alias(f"raw:{name}"))


def not_of_level(rows: pl.DataFrame, contract: Any, regions: RegionsOn) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Rows with a known code of another level than the column asks for: unknown_region, and that in words.

    `rows` hold current codes. The words are findings as (id, column, detail, finding).
    """
    faults: list[pl.DataFrame] = []
    told = [pl.DataFrame(schema=dict.fromkeys(("column", "detail", "finding"), pl.String) | {"id": pl.UInt32})]
    for name, column in facts_of(contract).items():
        if column.level is None:
            continue
        known = [code for code in rows[name].drop_nulls().unique() if regions.resolve(code).fault is None]
        wrong = rows.filter(pl.col(name).is_in([c for c in known if not regions.is_of_level(c, column.level)]))
        faults.append(fault(wrong["id"], "unknown_region", name))
        words = f"须为{LEVELS[column.level]}代码 · must be the code of a {column.level}："
        detail = pl.concat_str(pl.lit(words), pl.col(name)).alias("detail")
        told.append(wrong.select(pl.lit(name).alias("column"), detail, pl.lit("unknown_region").alias("finding"), "id"))
    return faults, pl.concat(told).select("id", "column", "detail", "finding")


def _by_finer_code(
    rows: pl.DataFrame, name: str, others: list[str], ambiguous: set[str], regions: RegionsOn
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A code with several successors, settled by a finer valid code of the same row (spec §2)."""
    chosen: dict[int, str] = {}
    old: dict[int, str] = {}
    for row in rows.filter(pl.col(name).is_in(sorted(ambiguous))).select("id", name, *others).iter_rows(named=True):
        finer = [row[other] for other in others if row[other] and len(row[other]) > len(row[name])]
        current = [regions.resolve(code).code for code in finer]
        for code in filter(None, current):
            line = [above for above in regions.line_of(code) if len(above) == len(row[name])]
            if line:
                chosen[row["id"]], old[row["id"]] = line[0], row[name]
                break
    settled = pl.DataFrame(
        {
            "id": list(chosen),
            "column": [name] * len(chosen),
            "detail": [f"{old[key]} → {code}" for key, code in chosen.items()],
        },
        schema={"id": pl.UInt32, "column": pl.String, "detail": pl.String},
    )
    if chosen:
        rows = rows.with_columns(
            pl.col("id").replace_strict(list(chosen), list(chosen.values()), default=None, return_dtype=pl.String)
            .fill_null(pl.col(name)).alias(name)
        )  # fmt: skip
    return rows, settled


def displaced_rows(rows: pl.DataFrame, contract: Any, regions: RegionsOn, suppliers: set[str]) -> pl.Series:
    """True for rows of a region that a supplier beneath theirs delivered itself (spec §1 superseding)."""
    column = own_region(contract)
    none = pl.repeat(False, rows.height, eager=True, dtype=pl.Boolean)
    if column is None or len(suppliers) < 2:
        return none
    codes = rows[column].drop_nulls().unique()
    ambiguous = {code for code in codes if regions.resolve(code).fault == "ambiguous_region"}
    if ambiguous and contract.checks_regions:
        others = [name for name in region_columns(contract) if name != column]
        rows, _ = _by_finer_code(rows, column, others, ambiguous, regions)
    beneath = {supplier: set(regions.line_of(supplier)[1:]) for supplier in suppliers}
    verdicts = []
    pairs = rows.select(column, "supplier").unique()
    for code, supplier in pairs.iter_rows():
        line = regions.line_when_last_valid(code) if code else []
        verdicts.append(any(other in line and supplier in beneath[other] for other in suppliers))
    if not any(verdicts):
        return none
    hits = pairs.with_columns(pl.Series("displaced", verdicts))
    on = [column, "supplier"]
    return rows.select(on).join(hits, on=on, how="left", nulls_equal=True, maintain_order="left")["displaced"]
