"""One file to typed rows: everything that follows from its bytes and its contract alone, so it is done once.

What needs the period, other files or the region register is decided later, in `settle`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.delivery import ColumnFacts, facts_of, rules_of

from .cells import BLANKS
from .columns import ReadColumn, ages_of, as_written, failing_check_digits, read_columns
from .discover import masked
from .grid import Grid, UnreadableFile, read_grids
from .hash_key import keyed_hash
from .header import SEARCHED_ROWS, Header, UnparsableHeader, find_header
from .ignored import ignored_rows, total_rows

#: stands for the key of a wide row that has none: known to no register, so the row is refused as unknown_region
NO_CODE = "（无代码）"


@dataclass(frozen=True)
class FileFacts:
    """What is known of a parsed file besides its rows. `reason` is set when nothing could be read from it."""

    reason: str | None = None
    detail: str = ""
    sheet: str | None = None
    delivered: int = 0
    ignored: int = 0
    unmatched: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def parse(path: Path, kind: str, contract: Any, key: bytes) -> tuple[pl.DataFrame, FileFacts]:
    """Typed rows and facts of one delivered file; never raises for what a supplier may have sent.

    Rows: `row` (physical), `ragged`, every contract column, `raw:<column>` where the text differs from the value,
    `not_applicable` and `faults` ('bad_type:beds|…'), `wrong_check_digit` (column names). Identifiers are hashes.
    """
    try:
        grid, header = _first_table(path, kind, contract)
        return _rows(grid, header, contract, key)
    except UnreadableFile as error:
        return empty_rows(contract), FileFacts(error.reason, masked(error.detail) or "")
    except UnparsableHeader as error:
        return empty_rows(contract), FileFacts("unparsable_header", masked(str(error)) or "")


def empty_rows(contract: Any) -> pl.DataFrame:
    """The frame of a file that gave no row."""
    columns = {name: column.dtype for name, column in contract.columns().items() if facts_of(contract)[name].kept}
    marks = {"not_applicable": pl.String, "faults": pl.String, "wrong_check_digit": pl.String}
    return pl.DataFrame(schema={"row": pl.Int64, "ragged": pl.Boolean, **columns, **marks})


def _first_table(path: Path, kind: str, contract: Any) -> tuple[Grid, Header]:
    """The first table with a recognisable header; if there is none, the first table's complaint."""
    complaint: UnparsableHeader | None = None
    for grid in read_grids(path, kind):
        head = [list(row) for row in grid.cells.head(SEARCHED_ROWS).rows()]
        try:
            return grid, find_header(head, contract, canonical=grid.canonical_names)
        except UnparsableHeader as error:
            tried = f"（按{grid.encoding}解码 · decoded as {grid.encoding}）" if grid.encoding == "gb18030" else ""
            complaint = complaint or UnparsableHeader(f"{error}{tried}")
    raise complaint or UnparsableHeader("没有表格 · no table")


def _rows(grid: Grid, header: Header, contract: Any, key: bytes) -> tuple[pl.DataFrame, FileFacts]:
    facts = facts_of(contract)
    header_cells = list(grid.cells.row(header.index))
    data, lines, widths = _below_header(grid, header)
    header = _one_cell_per_column(data, header, facts)
    absent = [] if header.wide else [
        name for name, column in facts.items() if column.derived_from is None and name not in header.cells
    ]  # fmt: skip
    ignored = ignored_rows(data, header_cells, header, facts)
    kept = ignored.is_null()
    ragged = _ragged(data, widths, header)
    rows = pl.DataFrame([lines.alias("row"), ragged.alias("ragged")])
    if not kept.all():
        rows, data = rows.filter(kept), data.filter(kept)
    if header.wide:
        frame = _unpivoted(rows, data, header, contract)
    else:
        frame = rows.with_columns(data[f"c{places[0]}"].alias(name) for name, places in header.cells.items())
    frame = _typed(frame, header, grid.serials, contract, key)
    ignored_count = len(kept) - int(kept.sum())
    if totals := [name for name, column in facts.items() if column.key and _knows_totals(column)]:
        total = total_rows(frame, [name for name, column in facts.items() if column.key], totals)
        ignored_count += int(total.sum())
        frame = frame.filter(~total)
    unmatched = [masked(text) or "" for text in header.unmatched]
    return frame, FileFacts(None, "", grid.sheet, len(lines), ignored_count, unmatched, absent)


def _knows_totals(column: ColumnFacts) -> bool:
    return column.kind == "band" or "total" in column.values.values()


def _below_header(grid: Grid, header: Header) -> tuple[pl.DataFrame, pl.Series, pl.Series | None]:
    """Rows from below the header to the last one with a non-blank cell."""
    data = grid.cells.slice(header.index + 1)
    filled = data.tail(1).select(pl.any_horizontal(_filled(pl.all()))).to_series()
    end = data.height
    if data.height and not filled[0]:
        marks = data.select(pl.any_horizontal(_filled(pl.all()))).to_series().arg_true()
        end = int(marks.max()) + 1 if len(marks) else 0
    lines = grid.lines.slice(header.index + 1, end)
    return data.head(end), lines, None if grid.widths is None else grid.widths.slice(header.index + 1, end)


def _filled(cells: pl.Expr) -> pl.Expr:
    return cells.fill_null("").str.strip_chars(BLANKS) != ""


def _one_cell_per_column(data: pl.DataFrame, header: Header, facts: dict[str, ColumnFacts]) -> Header:
    """Two header cells for one column are taken as one where their cells agree in every row (spec §8)."""
    for name, places in header.cells.items():
        for other in places[1:]:
            first = data[f"c{places[0]}"].fill_null("").str.strip_chars(BLANKS)
            if not (first == data[f"c{other}"].fill_null("").str.strip_chars(BLANKS)).all():
                raise UnparsableHeader(f"两列表头都是“{facts[name].title}”，内容不同 · two headers for one column")
    return header


def _ragged(data: pl.DataFrame, widths: pl.Series | None, header: Header) -> pl.Series:
    surplus = data.columns[header.width :]
    ragged = pl.repeat(False, data.height, eager=True, dtype=pl.Boolean)
    if surplus:
        ragged = data.select(pl.any_horizontal(_filled(pl.col(surplus)))).to_series()
    return ragged if widths is None else ragged | (widths < header.width)


def _unpivoted(rows: pl.DataFrame, data: pl.DataFrame, header: Header, contract: Any) -> pl.DataFrame:
    """A wide table in long form: per row one long row for each cell, in the order of the columns."""
    layout = contract.wide_layout
    key = data[f"c{header.cells[layout.key][0]}"].str.strip_chars(BLANKS).replace("", None).fill_null(NO_CODE)
    constants = [pl.lit(text).alias(name) for name, text in layout.constants.items()]
    parts = [
        rows.with_columns(
            key.alias(layout.key),
            data[f"c{place}"].alias(layout.value),
            *constants,
            *[pl.lit(text).alias(name) for name, text in parts.items()],
        )
        for place, parts in header.wide.items()
    ]
    return pl.concat(parts).sort("row", maintain_order=True)


def _typed(frame: pl.DataFrame, header: Header, serials: bool, contract: Any, key: bytes) -> pl.DataFrame:
    facts, columns = facts_of(contract), contract.columns()
    raw = frame.drop("row", "ragged")
    for name in header.by_name:
        raw = raw.with_columns(_codes_by_words(frame[name], facts[name]).alias(name))
    read = read_columns(raw, contract, multipliers=header.multipliers, serials=serials)
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
    texts = [name for name in read if facts[name].kind == "text"]
    typed = _without_citizen_numbers(typed, texts)
    typed = typed.with_columns(_differing(frame, typed, contract, facts))
    typed, read = _row_units(typed, facts, read, frame)
    return _with_marks(typed, facts, read, wrong)


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
    distinct = values.drop_nulls().unique()
    hashes = pl.Series([keyed_hash(key, text) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, hashes, default=None, return_dtype=pl.String)


def _without_citizen_numbers(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """A person's number written into a name or a wrong cell is blotted out: it is stored nowhere."""
    if not names or frame.is_empty():
        return frame
    suspect = frame.select(pl.col(names).str.contains(r"\d{15}").any())
    for name in (name for name in names if suspect[name][0]):
        texts = frame[name].drop_nulls().unique()
        clean = pl.Series([masked(text) for text in texts], dtype=pl.String)
        frame = frame.with_columns(frame[name].replace(texts, clean))
    return frame


def _differing(
    frame: pl.DataFrame, typed: pl.DataFrame, contract: Any, facts: dict[str, ColumnFacts]
) -> list[pl.Series]:
    """The delivered text, for quarantine, where it is not simply the value written out and a check may ask for it."""
    names = [name for name in frame.columns[2:] if facts[name].pii == "none" and not typed.is_empty()]
    both = typed.select(pl.col(names).name.prefix("value:")).with_columns(frame.select(names))
    traced = _traced(contract)
    differs = {
        name: pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"value:{name}").cast(pl.String))
        if name in traced
        else (pl.col(name) != "") & pl.col(f"value:{name}").is_null()
        for name in names
    }
    found = both.select(mask.any().alias(name) for name, mask in differs.items())
    kept = [name for name in names if found[name][0]]
    texts = both.select(pl.when(differs[name]).then(name).alias(f"raw:{name}") for name in kept)
    return _without_citizen_numbers(texts, texts.columns).get_columns()


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
            typed = typed.with_columns(
                pl.when(scale.is_not_null() & pl.lit(bare)).then(pl.col(name) * scale).otherwise(pl.col(name))
                .cast(typed.schema[name]).alias(name),
                pl.col(column.unit_column).str.replace(r"^[万亿](.+)$", "$1"),
            )  # fmt: skip
        if column.percent_if and name in read:
            signed = frame[name].str.contains(r"[%％]\s*$").fill_null(False)
            if signed.any():
                wrong = typed.select((~column.percent_if().fill_null(False)) & pl.lit(signed)).to_series()
                status = read[name].status
                base = pl.Series([None], dtype=pl.String).new_from_index(0, len(wrong)) if status is None else status
                read[name] = ReadColumn(read[name].values, base.set(wrong, "bad_type"))
                typed = typed.with_columns(typed[name].set(wrong, None))
    return typed, read


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
