"""Keys over more rows than fit into memory: hashes stand for them until it is known which of them repeat."""

from __future__ import annotations

from typing import Any

import polars as pl

from .judge import DUPLICATE, fault, key_scope

#: two independent 64-bit hashes: among a billion rows two different keys meet once in 10^20 times
SEEDS = (0, 1_442_695_040_888_963_407)


class Keys:
    """The keys of all batches of one source × period, 21 bytes a row."""

    def __init__(self, contract: Any) -> None:
        self._scope = key_scope(contract)
        self._seen: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame, refused: pl.Series) -> None:
        """Remember a batch; `refused` are the rows that other checks keep out: they hold no key."""
        key = pl.struct(self._scope)
        sound = ~pl.col("id").is_in(refused.implode()) if len(refused) else pl.lit(True)
        self._seen.append(
            rows.select("id", *(key.hash(seed).alias(f"hash{n}") for n, seed in enumerate(SEEDS)), sound.alias("sound"))
        )

    def repeated(self) -> pl.Series:
        """Rows of any batch whose key a sound row before them holds, in order."""
        if not self._seen:
            return pl.Series("id", [], dtype=pl.UInt32)
        seen = pl.concat(self._seen)
        # sorting tells in a fifth of the time whether any stands twice
        hashes = seen["hash0"].sort()
        twice = hashes.filter(hashes == hashes.shift()).unique()
        many = seen.filter(pl.col("hash0").is_in(twice.implode())) if len(twice) else seen.clear()
        first = many.filter("sound").group_by("hash0", "hash1").agg(pl.col("id").min().alias("first"))
        later = many.join(first, on=["hash0", "hash1"]).filter(pl.col("id") > pl.col("first"))
        return later["id"].sort()


def key_faults(rows: pl.DataFrame, repeated: pl.Series, contract: Any) -> list[pl.DataFrame]:
    """The rows of a batch that are among `repeated`."""
    hits = rows.filter(pl.col("id").is_in(repeated.implode()))["id"]
    return [fault(hits, "duplicate_key", key_scope(contract)[0], DUPLICATE)]
