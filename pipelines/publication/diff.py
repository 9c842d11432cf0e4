"""What changed between two editions: figures, conclusions, definitions, documents, deliveries, each with its cause.

Only published tables are read, so no hidden number can be told; where a number is no longer published, the one that was
is not repeated. Values are compared as they are, and shown rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.publication import numbers, wording
from pipelines.publication.book import COLUMNS, TABLES, Book
from pipelines.publication.causes import Causes
from pipelines.publication.shelf import Edition

Row = dict[str, Any]

#: what stands in `old` or `new` where a number is not published, or is published no longer
HIDDEN, WAS_PUBLISHED = numbers.MARKS["Q"][0], "曾公布"
NONE = numbers.NOTHING[0]
#: columns that disclosure control can empty while the row carries no mark
WITHOUT_MARK = ("baseline_actual", "status")
#: the cause of either
CONTROL = "保密控制"
#: in place of a column, where a row as a whole came or went
WHOLE_ROW = "row"
CAME, WENT = "新增", "取消"


@dataclass(frozen=True)
class Compared:
    """A table: the columns compared (none: all); whether a row that came or went is told as one or by its values."""

    columns: tuple[str, ...] = ()
    by_row: bool = True
    #: columns that name the row, for people
    names: tuple[str, ...] = ()


COMPARED: dict[str, Compared] = {
    "documents": Compared(names=("title",)),
    "document_rows": Compared(
        columns=(
            "label", "unit", "baseline_printed", "target_printed", "attribute", "responsible", "clause",
            "indicator_key", "variant", "region_code", "target_year", "target_operator", "target_value",
            "baseline_actual", "actual_value", "still_needed", "status",
        ),
        names=("label",),
    ),
    "document_tasks": Compared(("label", "responsible", "task_status"), names=("label",)),
    "progress": Compared(("status",), by_row=False, names=("period",)),
    "figures": Compared(
        ("value", "numerator", "denominator", "extreme", "obs_status"),
        by_row=False,
        names=("indicator_name", "region_name", "period"),
    ),
    "indicators": Compared(names=("indicator_name",)),
    "measures": Compared(names=("measure_name",)),
    "regions": Compared(names=("region_name",)),
    "crosswalk": Compared(("comparability",), names=("indicator_name",)),
    "consistency": Compared(("left_value", "right_value", "finding"), names=("label",)),
    "subsidies": Compared(
        ("due_amount_yuan", "paid_amount_yuan"), by_row=False, names=("programme_name", "region_name", "period")
    ),
    "beneficiaries": Compared(
        ("persons", "payments"), by_row=False, names=("programme_name", "region_name", "period")
    ),
    "funds": Compared(
        ("amount_yuan", "denominator_yuan", "share_percent", "is_met"),
        by_row=False,
        names=("programme_name", "region_name", "period"),
    ),
    "deliveries": Compared(("sha256", "state")),
}  # fmt: skip
#: said of a definition, but no part of it
BESIDES = {"indicators": ("document_rows",)}
#: after which two doubles that differ have shown it
MOST_PLACES = 17
#: rounded to the row's `decimals`; other numbers are shown as counted
ROUNDED = {"value", "extreme", "actual_value", "baseline_actual"}
SCHEMA = {name: pl.String for name in ("table_name", "item", "item_name", "column", "old", "new", "cause")}


@dataclass(frozen=True)
class Side:
    """One of the two: its name ('2025-1'), its year, its tables and the code that computed them, which is the release's
    and the publication's."""

    name: str
    year: str
    tables: dict[str, pl.DataFrame]
    code: tuple[str, str]

    @classmethod
    def of(cls, made: Edition | Book, program: str = "") -> Side:
        """`program`: what makes a book into an edition; a kept edition says so itself."""
        if isinstance(made, Book):
            return cls(made.imprint.name, made.imprint.year, made.tables, (made.imprint.code_version, program))
        imprint, made_from = (made.manifest.get(part, {}) for part in ("imprint", "made_from"))
        code = (imprint.get("code_version", ""), made_from.get("code", ""))
        return cls(made.name, made.year, made.tables(), code)


def changes(old: Edition | Book, new: Edition | Book, program: str = "") -> pl.DataFrame:
    """One row a changed cell, in the order of the tables (published table `changes`). `program`: see Side.of.

    Of two years: what both have, that is figures up to the earlier year, and rows of documents at either's own year.
    """
    return _frame(_changed(Side.of(old), Side.of(new, program)))


def between_years(old: Edition, new: Edition) -> pl.DataFrame:
    """Where indicators and regions of two editions of different years differ, each at its edition's own year."""
    before, after = Side.of(old), Side.of(new)
    key = tuple(column for column in TABLES["figures"].key if column != "period")
    sides = [side.tables["figures"].filter(pl.col("period") == side.year).drop("period") for side in (before, after)]
    entry = Compared(("value", "obs_status"), by_row=False, names=("indicator_name", "region_name"))
    cause = f"{before.year} → {after.year}"
    return _frame(told | {"cause": told["cause"] or cause} for _, told in _told("figures", entry, key, *sides))


def _frame(rows: Iterator[Row]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def _changed(before: Side, after: Side) -> Iterator[Row]:
    causes = Causes(before.tables, after.tables, is_same_code=before.code == after.code)
    years = f"{before.year} → {after.year}" if before.year != after.year else ""
    for name, entry in COMPARED.items():
        if name not in before.tables or name not in after.tables:
            continue
        sides = [_common(name, side.tables[name], before.year, after.year) for side in (before, after)]
        for row, told in _told(name, entry, TABLES[name].key, *sides):
            told["cause"] = told["cause"] or causes.of(name, row, told, years)
            yield told


def _common(name: str, frame: pl.DataFrame, *years: str) -> pl.DataFrame:
    """Rows of periods that both editions can have. What `progress` says of the own year stands in document_rows."""
    if "period" not in frame.columns:
        return frame
    year = pl.col("period").str.head(4)
    common = frame.filter(year <= min(years))
    return common.filter(year < min(years)) if name == "progress" and len(set(years)) == 1 else common


def _told(
    name: str, entry: Compared, key: tuple[str, ...], old: pl.DataFrame, new: pl.DataFrame
) -> Iterator[tuple[Row, Row]]:
    """Each differing row (as it is now, else as it was), and each change in it."""
    shared = [column for column in new.columns if column in old.columns]
    passed = (*key, *BESIDES.get(name, ()))
    columns = [c for c in entry.columns or shared if c in shared and c not in passed]
    both = old.with_columns(is_old=True).join(
        new.with_columns(is_new=True), on=key, how="full", coalesce=True, nulls_equal=True, suffix="@new"
    )
    differing = pl.any_horizontal(
        pl.col("is_old").is_null(),
        pl.col("is_new").is_null(),
        *(pl.col(column).ne_missing(pl.col(f"{column}@new")) for column in columns),
    )
    for joined in both.filter(differing).sort(key, nulls_last=False).iter_rows(named=True):
        was = {c: joined[c] for c in old.columns} if joined["is_old"] else None
        is_ = {c: joined[c if c in key else f"{c}@new" if c in old.columns else c] for c in new.columns}
        is_ = is_ if joined["is_new"] else None
        row = is_ or was or {}
        fixed = {
            "table_name": name,
            "item": "/".join("" if row[column] is None else str(row[column]) for column in key),
            "item_name": " · ".join(str(row[c]) for c in entry.names if row.get(c) is not None),
        }
        for column, before, after, cause in _cells(entry, columns, was, is_):
            yield row, fixed | {"column": column, "old": before, "new": after, "cause": cause}


def _cells(
    entry: Compared, columns: list[str], was: Row | None, is_: Row | None
) -> Iterator[tuple[str, str, str, str]]:
    """column, old, new, cause"""
    if entry.by_row and (was is None or is_ is None):
        yield WHOLE_ROW, "" if was is None else WENT, "" if is_ is None else CAME, ""
        return
    # a row that came or went is told by its first column: the others only repeat it
    for column in columns if was and is_ else columns[:1]:
        before = was[column] if was else None
        after = is_[column] if is_ else None
        if before == after:
            continue
        if after is None and is_ and was and (is_hidden(is_) or column in WITHOUT_MARK):
            now_hidden = is_hidden(is_)
            yield column, WAS_PUBLISHED, HIDDEN if now_hidden else NONE, CONTROL if now_hidden else ""
            continue
        cause = CONTROL if is_ and was and is_hidden(was) and not is_hidden(is_) else ""
        # as many places as it takes to see the difference
        for more in range(MOST_PLACES):
            old_text, new_text = _shown(column, before, was, more), _shown(column, after, is_, more)
            if old_text != new_text:
                break
        yield column, old_text, new_text, cause


def is_hidden(row: Row) -> bool:
    """Whether disclosure control has taken numbers out of this row."""
    return row.get("obs_status") == "Q" or row.get("conf_status") == "C"


def _shown(column: str, value: Any, row: Row | None, more: int = 0) -> str:
    """A cell in words; empty where there is no such row."""
    if row is None:
        return ""
    kind = COLUMNS[column].kind
    if value is None:
        hidden = HIDDEN if is_hidden(row) else NONE
        return numbers.MARKS.get(row.get("obs_status") or "", (hidden, ""))[0] if kind == "number" else hidden
    if kind == "boolean":
        return "是" if value else "否"
    if column in ROUNDED:
        return numbers.shown(value, (row.get("decimals") or 0) + more)
    if kind in ("number", "integer"):
        return numbers.plain(value)
    return wording.zh(column, value) if kind == "code" else str(value)
