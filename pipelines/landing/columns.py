"""Whole columns of text to typed values: plain cells at once, the distinct unusual ones through `cells`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from pipelines.contracts.delivery import ColumnFacts, facts_of

from .cells import CHECK_DIGITS, FALSE, TRUE, WEIGHTS, folded, read_cell

#: characters that NFKC may change or that are invisible, outer blanks, a leading apostrophe, errors of spreadsheets,
#: the words for "nothing"
UNUSUAL_TEXT = (
    r"^\s|\s$|^['#]|[\u00A0-\u00BE\u02B0-\u036F\u1100-\u11FF\u2000-\u2BFF\u2E80-\u2FDF\u3000\u3036-\u303A\u3130-\u33FF"
    r"\uA640-\uABFF\uF900-\uFFFF\U0001D400-\U0001F2FF\U0002F800-\U0002FA1F]"
    r"|^(?:[-–—/\\…]{1,2}|\.{3}|\.{6}|无|N/A|NA|缺|暂无|不适用|不涉及|N\.A\.|)$"
)
PLAIN = {
    "code": r"^[0-9A-Za-z][0-9A-Za-z_-]{2,}$",
    "region": r"^[0-9]+$",
    "identifier": r"^[0-9A-Za-z]{3,}$",
    "integer": r"^-?[0-9]{1,18}$",
    "decimal": r"^-?[0-9]{1,18}(?:\.[0-9]{1,6})?$",
}
THOUSANDS = r"^-?[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,6})?$"
NUMBERS = ("integer", "decimal")
CITIZEN_NUMBER = r"^(?:[0-9A-Z]{18}|[0-9A-Z]{15})$"


#: earlier years have fewer digits
FIRST_DAY = date(1000, 1, 1)


class ReadColumn(NamedTuple):
    """Typed values, and per row 'not_applicable', 'bad_type', 'bad_enum' or null; status None: every cell read.
    `plain`: all its cells are written as values of its kind usually are."""

    values: pl.Series
    status: pl.Series | None
    plain: bool = False


def plain_columns(raw: pl.DataFrame, contract: Any, multipliers: Mapping[str, Decimal]) -> pl.DataFrame:
    """The columns of `raw` (text, named as in the contract) typed where a cell is plainly written, null elsewhere.

    `multipliers` come from units in the header.
    """
    plain = raw.select(_plain(contract, name, multipliers.get(name)).alias(name) for name in raw.columns)
    facts, dtypes = facts_of(contract), contract.columns()
    # thousands separators are common in whole columns, and unknown to others
    grouped = [n for n in raw.columns if facts[n].kind in NUMBERS and plain[n].null_count() > raw[n].null_count()]
    bare = raw.select(
        _plain_number(_without_separators(n), facts[n].kind, dtypes[n].dtype, multipliers.get(n)).alias(n)
        for n in grouped
    )
    return plain.with_columns(plain[n].fill_null(bare[n]) for n in grouped)


def read_columns(
    raw: pl.DataFrame,
    contract: Any,
    *,
    multipliers: Mapping[str, Decimal] = MappingProxyType({}),
    serials: date | None = None,
    plain: pl.DataFrame | None = None,
) -> dict[str, ReadColumn]:
    """The columns of `raw` typed by the contract's facts: the plain cells at once (`plain`, if they were read before),
    and the rest cell by distinct cell. `serials` is day 0 of Excel date serials.
    """
    facts = facts_of(contract)
    plain = plain_columns(raw, contract, multipliers) if plain is None else plain
    read = {}
    for name in raw.columns:
        values = plain[name]
        if values.null_count() == raw[name].null_count():
            read[name] = ReadColumn(values, None, True)
            continue
        rest = pl.select(
            pl.lit(values).is_null() & pl.lit(raw[name]).is_not_null() & (pl.lit(raw[name]) != "")
        ).to_series()
        if rest.any():
            epoch = serials if facts[name].kind == "date" else None
            read[name] = _one_by_one(raw[name], values, rest, facts[name], multipliers.get(name), epoch)
        else:
            read[name] = ReadColumn(values, None)
    return read


def _one_by_one(
    raw: pl.Series,
    plain: pl.Series,
    rest: pl.Series,
    facts: ColumnFacts,
    multiplier: Decimal | None,
    serials: date | None,
) -> ReadColumn:
    texts = raw.filter(rest).unique()
    cells = [read_cell(text, facts, multiplier=multiplier, serials=serials) for text in texts]
    values = pl.Series([cell.value for cell in cells], dtype=plain.dtype, strict=False)
    read = plain.zip_with(~rest, raw.replace_strict(texts, values, default=None, return_dtype=plain.dtype))
    faults = pl.Series([cell.status for cell in cells], dtype=pl.String)
    if faults.null_count() == len(faults):
        return ReadColumn(read, None)
    return ReadColumn(read, raw.replace_strict(texts, faults, default=None))


@cache
def _plain(contract: Any, name: str, multiplier: Decimal | None) -> pl.Expr:
    """Values of the cells that are written plainly, null for all others."""
    facts, dtype, cell = facts_of(contract)[name], contract.columns()[name].dtype, pl.col(name)
    kind = facts.kind
    if kind == "text":
        return pl.when(~cell.str.contains(UNUSUAL_TEXT)).then(cell)
    if kind in ("boolean", "enum"):
        written, meant = _words(kind, tuple(facts.values.items()), dtype)
        return cell.replace_strict(written, meant, default=None, return_dtype=dtype)
    if kind == "band":
        return pl.lit(None, dtype=dtype)
    if kind in NUMBERS:
        return _plain_number(cell, kind, dtype, multiplier)
    if kind == "date":
        # the parser itself takes signs, blanks and short years
        whole = (cell.str.len_bytes() == len("2024-12-31")) & ~cell.str.starts_with("+")
        days = cell.str.to_date("%Y-%m-%d", strict=False)
        days = pl.when(whole & (days >= FIRST_DAY)).then(days)
        return days.dt.month_start() if facts.month_only else days
    return pl.when(cell.str.contains(CITIZEN_NUMBER if facts.citizen_number else PLAIN[kind])).then(cell)


def _plain_number(cell: pl.Expr, kind: str, dtype: pl.DataType, multiplier: Decimal | None) -> pl.Expr:
    """Digits, exact; what is not whole in a column of whole numbers is left."""
    if multiplier is None:
        return pl.when(cell.str.contains(PLAIN[kind])).then(cell).cast(dtype, strict=False)
    written = pl.when(cell.str.contains(PLAIN["decimal"])).then(cell)
    value = written.cast(pl.Decimal(38, 6)) * pl.lit(int(multiplier))
    if kind == "decimal":
        return value.cast(dtype)
    return pl.when(value == value.floor()).then(value).cast(dtype, strict=False)


def _without_separators(name: str) -> pl.Expr:
    cell = pl.col(name)
    return pl.when(cell.str.contains(THOUSANDS)).then(cell.str.replace_all(",", "", literal=True))


@cache
def _words(kind: str, values: tuple[tuple[str, str], ...], dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    if kind == "boolean":
        words = {**dict.fromkeys(sorted(TRUE), True), **dict.fromkeys(sorted(FALSE), False)}
    else:
        words = {folded(written): meant for written, meant in values}
    return pl.Series(words.keys(), dtype=pl.String), pl.Series(words.values(), dtype=dtype)


def as_written(raw: pl.Series) -> pl.Series:
    """The delivered text, folded as every cell is."""
    texts = raw.drop_nulls().unique()
    clean = pl.Series([folded(text) or None for text in texts], dtype=pl.String)
    return raw.replace_strict(texts, clean, default=None, return_dtype=pl.String)


def ages_of(bands: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Lower and upper age (inclusive, null when open) of canonical bands; both null for text that is no band."""
    parts = bands.str.extract_groups(r"^(\d{1,3})(?:-(\d{1,3})|(\+))?$").struct
    lower = parts[0].cast(pl.Int64)
    upper = pl.select(pl.when(parts[2].is_null()).then(parts[1].cast(pl.Int64).fill_null(lower))).to_series()
    lower = lower.set((upper < lower).fill_null(False), None)
    return lower.zip_with(bands.ne_missing("total"), pl.repeat(0, len(bands), eager=True)), upper


def failing_check_digits(numbers: pl.Series) -> pl.Series:
    """True where a citizen number's check digit is wrong: not has_valid_check_digit, of a whole column."""
    is_told = numbers.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(False)
    text = numbers.filter(is_told).str.join("").item().encode()
    characters = np.frombuffer(text, np.uint8).reshape(-1, 18)
    rests = (characters[:, :17] - ord("0")).astype(np.int16) @ np.array(WEIGHTS, np.int16) % 11
    is_right = np.frombuffer(CHECK_DIGITS.encode(), np.uint8)[rests] == characters[:, 17]
    wrong = (numbers.str.len_chars() == 18).fill_null(False) & ~is_told
    return wrong.scatter(is_told.arg_true(), ~is_right).alias(numbers.name)
