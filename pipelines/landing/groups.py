"""Rules over the rows that remain after the row checks: age bands and sexes of one region (reason_codes, group)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def bands_partition(rows: pl.DataFrame, key: list[str]) -> pl.Series:
    """True where the age bands of one region and sex leave a gap, overlap, or do not run from 0 to an open band."""
    group = [name for name in key if name != "age_band"]
    follows = ((pl.col("age_to") + 1) == pl.col("age_from").shift(-1)).fill_null(False)
    whole = (
        (pl.col("age_from").first() == 0)
        & pl.col("age_to").last().is_null()
        & follows.slice(0, pl.len() - 1).all()
    )  # fmt: skip
    verdicts = rows.sort("age_from").group_by(group).agg(whole.fill_null(False).alias("whole"))
    return ~_back(rows, verdicts, group)


def sex_pair(rows: pl.DataFrame, key: list[str]) -> pl.Series:
    """True where a region has neither total alone nor men and women with the same bands."""
    group = [name for name in key if name not in ("age_band", "sex")]
    sexes = rows.group_by([*group, "sex"]).agg(pl.col("age_band").sort().str.join("|").alias("bands"))
    verdicts = sexes.group_by(group).agg(
        (
            pl.col("sex").cast(pl.String).sort().str.join("|").is_in(["total", "female|male"])
            & (pl.col("bands").n_unique() == 1)
        ).alias("whole")
    )
    return ~_back(rows, verdicts, group)


def _back(rows: pl.DataFrame, verdicts: pl.DataFrame, group: list[str]) -> pl.Series:
    return rows.select(group).join(verdicts, on=group, how="left", maintain_order="left")["whole"]


#: rule → its test and the column it is reported under, in the order in which they are judged
GROUP_RULES: dict[str, tuple[Callable[[pl.DataFrame, list[str]], pl.Series], str]] = {
    "bands_partition": (bands_partition, "age_band"),
    "sex_pair": (sex_pair, "sex"),
}
