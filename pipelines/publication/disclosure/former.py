"""What an edition leaves for later ones: the true counts, which of them it hid, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.landing import store
from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.relations import KEY, TERM

if TYPE_CHECKING:
    from pipelines.publication.disclosure.plan import Plan

#: true counts of persons: for owner and group, like the warehouse itself
MODE = 0o640


@dataclass(frozen=True)
class Former:
    """An earlier edition: `cells` (family, region_code, period, value, hidden) and `relations` as in Cells."""

    cells: pl.DataFrame
    relations: pl.DataFrame


def former(cells: Cells, plan: Plan) -> Former:
    """What this edition will be to later ones."""
    hidden = plan.hidden.select(*KEY, hidden=pl.lit(True))
    return Former(
        cells=cells.cells.select(*KEY, "value")
        .join(hidden, on=KEY, how="left")
        .with_columns(pl.col("hidden").fill_null(False))
        .sort(KEY),
        relations=cells.relations.select(TERM).sort(TERM),
    )


def remember(cells: Cells, plan: Plan, path: Path) -> None:
    """Write one Parquet file, rows of cells (relation null) and of relations. It holds true counts of persons: mode
    0640, never in an edition's folder.
    """
    edition = former(cells, plan)
    store.close_to_others(path.parent)
    store.write_frame(path, pl.concat([edition.cells, edition.relations], how="diagonal"))
    path.chmod(MODE)
    # an edition without it could never be followed by another
    store.settle(path)
    store.settle(path.parent)


def recall(path: Path) -> Former:
    """Read what `remember` wrote. Raises OSError where the file is missing, PolarsError where it cannot be read."""
    rows = pl.read_parquet(path)
    is_cell = pl.col("relation").is_null()
    return Former(
        cells=rows.filter(is_cell).select(*KEY, "value", "hidden"),
        relations=rows.filter(~is_cell).select(TERM),
    )
