"""Writes rows as suppliers deliver them: a file each, Chinese headings, rows in no order; and where they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.ledger_registers import draw
from pipelines.contracts import contract_of
from pipelines.contracts.delivery import facts_of

ORIGIN = """source: {source}
title_zh: {title}（测速用的虚构数据）
title_en: Invented deliveries for measurements of speed
producer: carestat project, python -m benchmarks.generate (invented data, 不代表任何真实的地区、机构或个人)
licence: Apache-2.0
real: []
synthetic:
- 'all files: every region, facility, person and figure is made by a hash'
"""


def deliver(raw: Path, source: str, period: str, rows: pl.DataFrame, form: str) -> int:
    """Write the rows of a source and period, a file for every value of their column `supplier`; returns the rows.

    Columns bear the names of the contract; form is csv or parquet. Booleans are written as words.
    """
    folder = raw / source / period
    folder.mkdir(parents=True, exist_ok=True)
    titles = {name: facts.title for name, facts in facts_of(contract_of(source)).items() if name in rows.columns}
    words = [
        pl.when(name).then(pl.lit("是")).when(pl.col(name).not_()).then(pl.lit("否")).alias(name)
        for name, dtype in rows.schema.items()
        if dtype == pl.Boolean
    ]
    for supplier, part in rows.with_columns(words).partition_by("supplier", as_dict=True, maintain_order=True).items():
        mixed = np.argsort(draw(np.arange(part.height), 90), kind="stable")
        delivered = part[mixed].select(pl.col(name).alias(title) for name, title in titles.items())
        path = folder / f"{supplier[0]}.{form}"
        if form == "csv":
            delivered.write_csv(path)
        else:
            delivered.write_parquet(path, compression="zstd", compression_level=1, statistics=False)
    return rows.height


def say_origin(raw: Path, source: str) -> None:
    """The card that says that nothing of it is real."""
    folder = raw / source
    folder.mkdir(parents=True, exist_ok=True)
    card = ORIGIN.format(source=source, title=contract_of(source).title_zh)
    (folder / "origin.yml").write_text(card, encoding="utf-8")
