"""Delivered text to typed rows: values by the contract, hashes for identifiers, marks for what was not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from pipelines.contracts.delivery import ColumnFacts, RuleFacts, facts_of, rules_of

from . import masking
from .cells import BLANKS
from .columns import ReadColumn, ages_of, as_written, failing_check_digits, read_columns
from .groups import GROUP_RULES
from .hash_key import HASH_BYTES, keyed_hashes
from .header import Header
from .masking import masked, masked_cell, masked_code, masked_key, masked_text, tells_of_persons

#: the largest number that may still be multiplied by 亿
MOST_SCALED = Decimal(10) ** 22


def written(frame: pl.DataFrame, header: Header, contract: Any) -> pl.DataFrame:
    """The delivered texts of `frame` (row, ragged, text by contract column), codes in place of their words."""
    raw = frame.drop("row", "ragged")
    codes = [_codes_by_words(frame[name], facts_of(contract)[name]).alias(name) for name in header.by_name]
    return raw.with_columns(codes)


def typed_rows(
    frame: pl.DataFrame, plain: pl.DataFrame, header: Header, serials: date | None, contract: Any, key: bytes
) -> pl.DataFrame:
    """The rows of `frame` typed and marked, as `parse` describes them; `plain` is what `plain_columns` made of them."""
    facts, columns = facts_of(contract), contract.columns()
    raw = written(frame, header, contract)
    read = read_columns(raw, contract, multipliers=header.multipliers, serials=serials, plain=plain)
    out: dict[str, pl.Series] = {"row": frame["row"], "ragged": frame["ragged"]}
    wrong: list[pl.Series] = []
    for name, column in facts.items():
        if column.derived_from is not None:
            out[name] = _derived(column, frame, out, columns[name].dtype)
        elif name not in read:
            if column.kept:
                out[name] = pl.Series([None], dtype=columns[name].dtype).new_from_index(0, frame.height)
        elif column.kept:
            values = read[name].values
            if column.citizen_number:
                wrong.append(pl.select(pl.when(failing_check_digits(values)).then(pl.lit(name))).to_series())
            out[name] = _hashed(values, key) if column.kind == "identifier" else values
    typed = pl.DataFrame([series.alias(name) for name, series in out.items()])
    texts = [name for name in out if name in facts and facts[name].kind in ("text", "region")]
    codes = [name for name in read if facts[name].kind == "code"]
    if tells_of_persons(contract):
        keys = [name for name in codes if facts[name].key]
        typed = _blotted(typed, keys, masking.SUSPECT_KEY, lambda code: masked_key(code, key))
        typed = _blotted(
            typed, [name for name in (*texts, *codes) if name not in keys], masking.SUSPECT_CELL, masked_cell
        )
    else:
        typed = _blotted(typed, texts, masking.SUSPECT, masked)
        typed = _blotted(typed, codes, masking.SUSPECT, lambda code: masked_code(code, key))
    typed, read = _row_units(typed, facts, read, frame)
    typed = _with_marks(typed, facts, read, wrong)
    return typed.with_columns(_differing(frame, typed, contract, read, header.multipliers))


def _derived(column: ColumnFacts, frame: pl.DataFrame, out: dict[str, pl.Series], dtype: Any) -> pl.Series:
    of = column.derived_from or ""
    if of not in frame.columns:
        return pl.Series([None], dtype=dtype).new_from_index(0, frame.height)
    if column.kind == "text":
        return as_written(frame[of])
    lower, upper = ages_of(out[of])
    return lower if column.kind == "age_from" else upper


def _codes_by_words(words: pl.Series, column: ColumnFacts) -> pl.Series:
    """Codes written as their printed names (指标名称); words on no list stay, and fail as unknown codes."""
    names = column.names() if column.names else {}
    return as_written(words).replace(list(names.keys()), list(names.values()))


def _hashed(values: pl.Series, key: bytes) -> pl.Series:
    """Row by row: few numbers stand twice in a file, and to find those takes longer than to hash them."""
    told = values.drop_nulls().cast(pl.Binary)
    hashes = pl.Series(keyed_hashes(key, told.to_list()), dtype=pl.Binary).bin.slice(0, HASH_BYTES).bin.encode("hex")
    none = pl.Series(values.name, [None], dtype=pl.String).new_from_index(0, len(values))
    return none.scatter(values.is_not_null().arg_true(), hashes)


def _blotted(frame: pl.DataFrame, names: list[str], suspect: str, blot: Callable[[str], str | None]) -> pl.DataFrame:
    """A person's number or name written into a wrong cell is blotted out: it is stored nowhere."""
    if not names or frame.is_empty():
        return frame
    found = frame.select(pl.col(names).str.contains(suspect).any())
    for name in (name for name in names if found[name][0]):
        texts = frame[name].filter(frame[name].str.contains(suspect)).unique()
        clean = pl.Series([blot(text) for text in texts], dtype=pl.String)
        frame = frame.with_columns(frame[name].replace(texts, clean))
    return frame


def _differing(
    frame: pl.DataFrame,
    typed: pl.DataFrame,
    contract: Any,
    read: dict[str, ReadColumn],
    multipliers: Mapping[str, Decimal],
) -> list[pl.Series]:
    """The delivered text, for quarantine, where it is not simply the value written out and a check may ask for it.

    An empty text stands for an empty cell, or a column that was not delivered, that the contract filled in.
    """
    if typed.is_empty():
        return []
    facts, traced = facts_of(contract), _traced(contract)
    units = {column.unit_column for column in facts.values()}
    scaled = {name for name, column in facts.items() if column.unit_column or name in multipliers}
    failing = _fails_by_itself(typed, contract)
    # a number in another unit than its column's cannot be told from its value
    whole = _judged_with_others(contract) | scaled
    names = [
        name
        for name, column in facts.items()
        if name in read
        and column.pii == "none"
        and (name in whole | units or failing is not None or not read[name].plain or column.blank is not None)
        and (name in units or not _is_value_written_out(frame[name], column, read[name].plain))
    ]
    if not names:
        return _undelivered(typed, contract, frame)
    both = typed.select(pl.col(names).name.prefix("value:")).with_columns(frame.select(pl.col(names).fill_null("")))
    differs = {}
    for name in names:
        differs[name] = (pl.col(name) != "") & pl.col(f"value:{name}").is_null()
        if name in traced:
            written = _differs(name, facts[name], read[name].plain and name not in scaled)
            differs[name] |= written if name in whole else written & pl.lit(False if failing is None else failing)
    found = both.select(mask.any().alias(name) for name, mask in differs.items())
    kept = {name: pl.col(name).str.strip_chars(BLANKS) == "" for name in names if found[name][0]}
    texts = both.select(
        pl.when(differs[name]).then(pl.when(empty).then(pl.lit("")).otherwise(name)).alias(f"raw:{name}")
        for name, empty in kept.items()
    )
    personal = tells_of_persons(contract)
    if personal:
        words = [name for name in texts.columns if facts[name.removeprefix("raw:")].kind in ("enum", "text")]
        others = [name for name in texts.columns if name not in words]
        texts = _blotted(texts, words, masking.SUSPECT_CELL, masked_cell)
        texts = _blotted(texts, others, rf"\p{{Han}}|{masking.SUSPECT}", lambda text: masked_text(contract, text))
    else:
        texts = _blotted(texts, texts.columns, masking.SUSPECT, masked)
    return [*texts.get_columns(), *_undelivered(typed, contract, frame)]


def _undelivered(typed: pl.DataFrame, contract: Any, frame: pl.DataFrame) -> list[pl.Series]:
    """Columns that were not delivered and that the contract filled in: nothing was written there."""
    filled = [
        name
        for name, column in facts_of(contract).items()
        if name in _traced(contract) and column.blank is not None and name not in frame.columns
    ]
    return [pl.Series(f"raw:{name}", [""]).new_from_index(0, typed.height) for name in filled]


def _is_value_written_out(texts: pl.Series, column: ColumnFacts, plain: bool) -> bool:
    """Whether the value, written out, is the text again, as can be told of the whole column at once."""
    if not plain or column.blank is not None:
        return False
    if column.kind == "date":
        return not column.month_only and texts.str.len_bytes().max() == len("2024-12-31")
    return column.kind in ("code", "region", "text")


def _differs(name: str, column: ColumnFacts, plain: bool) -> pl.Expr:
    """Where a text is not its value written out; decimals are written without trailing zeros (see quarantine)."""
    value = pl.col(f"value:{name}")
    if column.kind == "decimal" and plain:
        return ~pl.col(name).str.contains(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?$")
    written = value.cast(pl.String)
    if column.kind == "decimal":
        written = written.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.col(name) != written.fill_null("")


@cache
def _traced(contract: Any) -> frozenset[str]:
    """Columns that a check after parsing may refuse: keys, references, regions, bounded ones, those with a rule."""
    facts = facts_of(contract)
    checked = {
        name
        for name, column in facts.items()
        if column.key or column.references or column.kind == "region" or column.minimum is not None
        or column.maximum is not None
    }  # fmt: skip
    return frozenset(checked | {rule.column for rule in rules_of(contract)})


@cache
def _judged_with_others(contract: Any) -> frozenset[str]:
    """Those of the traced columns that are judged against the register, the period or other rows."""
    facts = facts_of(contract)
    checked = {name for name, column in facts.items() if column.key or column.references or column.kind == "region"}
    rules = {rule.column for rule in rules_of(contract) if not _asks_the_row_alone(rule, contract)}
    return frozenset(checked | rules | {GROUP_RULES[name][1] for name in contract.group_rules})


def _asks_the_row_alone(rule: RuleFacts, contract: Any) -> bool:
    return set(rule.expression(contract).meta.root_names()) <= set(contract.columns())


def _fails_by_itself(typed: pl.DataFrame, contract: Any) -> pl.Series | None:
    """Rows that their own values keep out, or that a rule speaks of, None for none: their texts will be asked for."""
    bad = [
        ~rule.expression(contract)
        for rule in rules_of(contract)
        if _asks_the_row_alone(rule, contract)
        and set(rule.expression(contract).meta.root_names()) <= set(typed.columns)
    ]
    for name, column in facts_of(contract).items():
        if name in typed.columns:
            bad += [pl.col(name) < column.minimum] if column.minimum is not None else []
            bad += [pl.col(name) > column.maximum] if column.maximum is not None else []
    if not bad:
        return None
    failing = typed.select(pl.any_horizontal(mask.fill_null(False) for mask in bad)).to_series()
    return failing if failing.any() else None


def _row_units(
    typed: pl.DataFrame, facts: dict[str, ColumnFacts], read: dict[str, ReadColumn], frame: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, ReadColumn]]:
    """万人 in the unit column: the row's number is multiplied, its unit becomes 人; percent signs only where due."""
    for name, column in facts.items():
        if column.unit_column and column.unit_column in typed.columns and name in read:
            scale = pl.col(column.unit_column).str.extract(r"^([万亿]).+$").replace_strict(
                ["万", "亿"], [10_000, 100_000_000], default=None, return_dtype=pl.Int64
            )  # fmt: skip
            bare = ~frame[name].str.contains(r"[^0-9,.\s]").fill_null(False)
            beyond = scale.is_not_null() & pl.lit(bare) & (pl.col(name).abs() > MOST_SCALED)
            large = typed.select(beyond.fill_null(False)).to_series()
            if large.any():
                read[name] = _marked(read[name], large)
                typed = typed.with_columns(typed[name].set(large, None))
            typed = typed.with_columns(
                pl.when(scale.is_not_null() & pl.lit(bare)).then(pl.col(name) * scale).otherwise(pl.col(name))
                .cast(typed.schema[name]).alias(name),
                pl.col(column.unit_column).str.replace(r"^[万亿](.+)$", "$1"),
            )  # fmt: skip
        if column.percent_if and name in read:
            signed = frame[name].str.contains(r"[%％]\s*$").fill_null(False)
            if signed.any():
                wrong = typed.select((~column.percent_if().fill_null(False)) & pl.lit(signed)).to_series()
                read[name] = _marked(read[name], wrong)
                typed = typed.with_columns(typed[name].set(wrong, None))
    return typed, read


def _marked(column: ReadColumn, wrong: pl.Series) -> ReadColumn:
    """The column with `wrong` cells as bad_type."""
    status = column.status
    base = pl.Series([None], dtype=pl.String).new_from_index(0, len(wrong)) if status is None else status
    return ReadColumn(column.values, base.set(wrong, "bad_type"))


def _with_marks(
    typed: pl.DataFrame, facts: dict[str, ColumnFacts], read: dict[str, ReadColumn], wrong: list[pl.Series]
) -> pl.DataFrame:
    """Blank cells that stand for a value get it; what was not read is said beside the row."""
    fills, faults, outside = [], [], []
    for name, column in facts.items():
        status = read[name].status if name in read else None
        if column.blank is not None:
            value = column.blank() if callable(column.blank) else pl.lit(column.blank, dtype=typed.schema[name])
            empty = pl.col(name).is_null() if status is None else pl.col(name).is_null() & pl.lit(status).is_null()
            fills.append(pl.when(empty).then(value).otherwise(pl.col(name)).alias(name))
        if status is not None:
            outside.append(pl.when(pl.lit(status) == "not_applicable").then(pl.lit(name)))
            faults += [
                (reason, pl.when(pl.lit(status) == reason).then(pl.lit(f"{reason}:{name}")))
                for reason in ("bad_type", "bad_enum")
            ]
    ordered = [mark for reason in ("bad_type", "bad_enum") for kind, mark in faults if kind == reason]
    return typed.with_columns(fills).with_columns(
        _joined(outside).alias("not_applicable"),
        _joined(ordered).alias("faults"),
        (wrong[0] if wrong else pl.lit(None, dtype=pl.String)).alias("wrong_check_digit"),
    )


def _joined(marks: list[pl.Expr]) -> pl.Expr:
    """The marks that a row has, joined by '|'; null when it has none."""
    if not marks:
        return pl.lit(None, dtype=pl.String)
    return pl.concat_str(marks, separator="|", ignore_nulls=True).replace("", None)
