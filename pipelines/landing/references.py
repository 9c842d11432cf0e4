"""What rows of one source are checked against in others: the newest registers of regions and of facilities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import contract_of

from .discover import DeliveredFile
from .store import read_sealed, write_sealed


def outline(source: str) -> dict[str, Any]:
    """Period form of a source, and the sources that its columns refer to."""
    from pipelines.contracts.delivery import facts_of

    contract = contract_of(source)
    references = {register for column in facts_of(contract).values() for register in column.references}
    return {"period_form": contract.period_form, "references": sorted(references)}


def newest_files(files: list[DeliveredFile]) -> list[DeliveredFile]:
    """The one that stands of each supplier's newest period."""
    newest: dict[str, DeliveredFile] = {}
    for file in files:
        best = newest.get(file.supplier)
        if best is None or (file.period, file.rank) > (best.period, best.rank):
            newest[file.supplier] = file
    return list(newest.values())


def six_digit_codes(path: Path, digest: str, rows: Callable[[], pl.DataFrame]) -> set[str]:
    """Of the register with this digest; kept at `path`, so that an unchanged run need not open it."""
    known = read_sealed(path)
    if known is None or known["register"] != digest:
        codes = [code for code in rows()["region_code"].unique().sort() if len(code) == 6]
        known = {"register": digest, "codes": codes}
        write_sealed(path, known)
    return set(known["codes"])


def newest_snapshots(files: list[Path], empty: pl.DataFrame) -> pl.DataFrame:
    """Rows of the newest snapshot of each supplier of regions."""
    rows = pl.concat([empty, *(pl.read_parquet(path) for path in files)])
    newest = pl.col("delivery_period") == pl.col("delivery_period").max().over("delivery_supplier")
    return rows.filter(newest)


def newest_registers(delivery: pl.DataFrame, period: str) -> dict[str, str]:
    """Supplier (as of today) → its newest month of the year up to `period` for which a file of its stands, be it
    empty."""
    months = pl.col("period").str.starts_with(period[:4]) & (pl.col("period") <= period)
    standing = delivery.filter(pl.col("standing") & months & pl.col("supplier_code").is_not_null())
    return dict(standing.group_by("supplier_code").agg(pl.col("period").max()).sort("supplier_code").iter_rows())


def facility_ids(registers: list[tuple[list[Path], dict[str, str]]]) -> pl.Series:
    """Facilities in the newest file of each supplier, over all registers: (landed files, supplier → newest month)."""
    columns = ["facility_id", "delivery_period", "delivery_supplier"]
    found = [pl.Series("facility_id", dtype=pl.String)]
    for files, newest in registers:
        for path in files:
            rows = pl.read_parquet(path, columns=columns)
            period = pl.col("delivery_supplier").replace_strict(newest, default=None, return_dtype=pl.String)
            found.append(rows.filter(pl.col("delivery_period") == period)["facility_id"])
    return pl.concat(found).unique()
