"""Corrections as data: cells of deliveries mended by approved records, each held by a guard.

`expectations/<source>.corrections.yml` is a list of records (docs/corrections.md). A record is applied only if exactly
the rows it expects are found in its source × period and each of them still says what the record says it says; otherwise
none of it is applied and it is reported. So settling goes over the rows twice: `matches` of every part, `decide` once
over all of them, `apply` to every part. Files in raw/ are never touched.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.contracts import contract_of
from pipelines.contracts.delivery import ColumnFacts, facts_of

from .cells import MISSING_CELL, Cell, read_cell
from .columns import ages_of
from .correction_file import Correction, note
from .results import CORRECTION

#: one row a matched row: record, file, row, the cell as an opaque name, whether it says `from`, and what it says
MATCHED = {
    "number": pl.Int64,
    "path": pl.String,
    "row": pl.Int64,
    "cell": pl.String,
    "holds": pl.Boolean,
    "found": pl.String,
}


def matches(rows: pl.DataFrame, contract: Any, corrections: list[Correction]) -> pl.DataFrame:
    """First pass over one part of a source × period: the rows that each record speaks of (`MATCHED`).

    `rows` are those of standing files as `parse` gives them, with path and supplier, before anything is decided on
    them. Ragged rows are never matched, since nobody knows which cell stands under which header.
    """
    key = [name for name, facts in facts_of(contract).items() if facts.key]
    frames = [pl.DataFrame(schema=MATCHED)]
    for correction, mask in zip(corrections, _masks(rows, contract, corrections), strict=True):
        if not mask.any():
            continue
        name = correction.column
        hit = rows.filter(mask)
        secret = facts_of(contract)[name].pii != "none"
        place = [pl.col("path"), pl.col("row").cast(pl.String), *(pl.col(k).cast(pl.String) for k in key)]
        frames.append(
            hit.select(
                pl.lit(correction.number, dtype=pl.Int64).alias("number"),
                "path",
                pl.col("row").cast(pl.Int64),
                pl.concat_str([*place, pl.lit(name)], separator="\x1f", ignore_nulls=True).alias("cell"),
                _says(hit, contract, name, correction.old).alias("holds"),
                pl.lit(None, dtype=pl.String).alias("found") if secret else _written(hit, name).alias("found"),
            )
        )
    return pl.concat(frames)


def decide(
    source: str, corrections: list[Correction], matched: pl.DataFrame
) -> tuple[list[Correction], list[dict[str, Any]]]:
    """The records that apply, and a finding `correction_stale` for each of the others.

    `matched` is the concatenation of `matches` over all parts of the source × period.
    """
    claimed = matched.group_by("cell").agg(pl.col("number").n_unique().alias("records")).filter(pl.col("records") > 1)
    twice = set(matched.filter(pl.col("cell").is_in(claimed["cell"].implode()))["number"])
    in_force, stale = [], []
    for correction in corrections:
        rows = matched.filter(pl.col("number") == correction.number)
        told = _why_not(source, correction, rows, correction.number in twice)
        if told is None:
            in_force.append(correction)
        else:
            where = rows.row(0, named=True) if rows.height == 1 else {"path": None, "row": None}
            stale.append(
                note(source, "correction_stale", told, correction) | {"path": where["path"], "row_number": where["row"]}
            )
    return in_force, stale


def _why_not(source: str, correction: Correction, rows: pl.DataFrame, twice: bool) -> str | None:
    """What keeps a record from being applied, for whoever keeps the file; None: nothing."""
    if rows.height != correction.expect:
        return (
            f"应对应 {correction.expect} 行，实际找到 {rows.height} 行"
            f" · {rows.height} rows match, {correction.expect} expected"
        )
    if not rows["holds"].all():
        if facts_of(contract_of(source))[correction.column].pii != "none":
            return "现在的内容不是 from 所写的；可能报送单位已改，请删去本条 · the cell no longer says `from`"
        now = [_shown(text) for text in rows.filter(~pl.col("holds"))["found"].unique().sort()[:3]]
        found = "、".join(dict.fromkeys(now))
        return (
            f"现为 {found}，不是 from 所写的 {_shown(correction.old)}；可能报送单位已改，请删去本条"
            " · the cell no longer says `from`; if its supplier has mended it, delete the entry"
        )
    if twice:
        return "与另一条记录指向同一单元格 · another record speaks of the same cell"
    return None


def _shown(text: str | None) -> str:
    return "（空或不显示）" if text is None else text


def apply(rows: pl.DataFrame, contract: Any, in_force: list[Correction]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Second pass over one part: the rows with their cells corrected, and one row of ops.correction a cell.

    A corrected cell loses the marks that its old text had earned, so that a row refused for it alone lands; its text
    as delivered stays in `raw:<column>`. Cells of sensitive columns are told without old and new.
    """
    applied = [pl.DataFrame(schema=CORRECTION)]
    delivered = rows
    for correction, mask in zip(in_force, _masks(rows, contract, in_force), strict=True):
        if not mask.any():
            continue
        name = correction.column
        secret = facts_of(contract)[name].pii != "none"
        nothing = pl.lit(None, dtype=pl.String)
        applied.append(
            delivered.filter(mask).select(
                "path",
                pl.col("row").cast(pl.Int64).alias("row_number"),
                pl.lit(name).alias("column"),
                (nothing if secret else _written(delivered, name)).alias("old"),
                (nothing if secret else pl.lit(correction.new, dtype=pl.String)).alias("new"),
                pl.lit(correction.reason).alias("reason"),
                pl.lit(correction.approved_by).alias("approved_by"),
            )
        )
        rows = _corrected(rows, contract, correction, mask)
    return rows, pl.concat(applied)


def _corrected(rows: pl.DataFrame, contract: Any, correction: Correction, mask: pl.Series) -> pl.DataFrame:
    name, here = correction.column, pl.lit(mask)
    facts, dtype = facts_of(contract)[name], rows.schema[name]
    cell = read_cell(correction.new, facts)
    value = pl.lit(cell.value, dtype=dtype)
    if cell == MISSING_CELL and facts.blank is not None:
        value = _blank(facts, dtype)
    outside = _without("not_applicable", name)
    if cell.status == "not_applicable":
        outside = pl.concat_str([outside, pl.lit(name)], separator="|", ignore_nulls=True)
    changed = {
        f"raw:{name}": _written(rows, name).fill_null(""),
        name: value,
        "faults": _without("faults", f":{name}"),
        "not_applicable": outside,
    }
    for derived, other in facts_of(contract).items():
        if other.derived_from == name:
            changed[derived] = _derived(other, correction.new, cell, rows.schema[derived])
    if f"raw:{name}" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(f"raw:{name}"))
    return rows.with_columns(
        pl.when(here).then(fresh).otherwise(pl.col(column)).alias(column) for column, fresh in changed.items()
    )


def _derived(column: ColumnFacts, text: str | None, cell: Cell, dtype: pl.DataType) -> pl.Expr:
    """What follows from a corrected cell, as it would from a delivered one: its text, or the ages of its band."""
    if column.kind == "text":
        return pl.lit(text, dtype=dtype)
    lower, upper = ages_of(pl.Series([cell.value], dtype=pl.String))
    return pl.lit((lower if column.kind == "age_from" else upper)[0], dtype=dtype)


def _without(marks: str, ending: str) -> pl.Expr:
    """The marks of a row, joined by '|', without those that end so."""
    parts = pl.col(marks).str.split("|")
    kept = parts.list.eval(pl.element().filter(~_ends(pl.element(), ending)))
    return kept.list.join("|").replace("", None)


def _ends(mark: pl.Expr, ending: str) -> pl.Expr:
    return mark.str.ends_with(ending) if ending.startswith(":") else mark == ending


def _masks(rows: pl.DataFrame, contract: Any, corrections: list[Correction]) -> list[pl.Series]:
    """Per record, True for the rows it speaks of, all as delivered: one record never changes what another matches."""
    if not corrections:
        return []
    whole = [
        (~pl.col("ragged") & _of_supplier(correction.supplier))
        .and_(*(_says(rows, contract, name, text) for name, text in correction.match.items()))
        .fill_null(False)
        .alias(str(place))
        for place, correction in enumerate(corrections)
    ]
    return rows.select(whole).get_columns()


def _of_supplier(supplier: str | None) -> pl.Expr:
    """The supplier under the code of its file's name, or the one valid at the period end."""
    if supplier is None:
        return pl.lit(True)
    return (pl.col("supplier") == supplier) | pl.col("path").str.contains(rf"/{supplier}[^/]*$")


def _says(rows: pl.DataFrame, contract: Any, name: str, text: str | None) -> pl.Expr:
    """Whether a cell says `text`: the same text as delivered, or one that the cell rules read as the same value."""
    facts, column = facts_of(contract)[name], pl.col(name)
    raw = pl.col(f"raw:{name}") if f"raw:{name}" in rows.columns else pl.lit(None, dtype=pl.String)
    unread = pl.col("faults").str.split("|").list.eval(pl.element().str.ends_with(f":{name}")).list.any()
    not_applicable = pl.col("not_applicable").str.split("|").list.contains(name).fill_null(False)
    said = Cell(text) if text in facts.values.values() else read_cell(text, facts)
    if said.status == "not_applicable":
        return not_applicable
    if said == MISSING_CELL:
        empty = column.is_null()
        if facts.blank is not None:
            # filled in by the contract: not always known apart from a cell that says the same
            empty |= (column == _blank(facts, rows.schema[name])) & (raw.is_null() | (raw == ""))
        return (empty & ~not_applicable & ~unread.fill_null(False)).fill_null(False)
    same = (raw.str.strip_chars() == (text or "").strip()).fill_null(False)
    if said.status is None:
        same |= (column == pl.lit(said.value, dtype=rows.schema[name])).fill_null(False)
    return same


def _blank(facts: ColumnFacts, dtype: pl.DataType) -> pl.Expr:
    return facts.blank() if callable(facts.blank) else pl.lit(facts.blank, dtype=dtype)


def _written(rows: pl.DataFrame, name: str) -> pl.Expr:
    """The cell as delivered; null for an empty one."""
    value = pl.col(name).cast(pl.String)
    if rows.schema[name].is_decimal():
        value = value.str.replace(r"\.?0+$", "")
    if f"raw:{name}" in rows.columns:
        value = pl.coalesce(f"raw:{name}", value)
    return value.replace("", None)
