"""One source × period: which files stand, which rows of them land, and an account of every row.

delivered = landed + quarantined + superseded + ignored holds for each file (spec §1 Identity). Rows come in batches
that fit into memory; what a batch comes to is handed on at once, and only counts and keys are held over all of them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import polars as pl

from pipelines.contracts.delivery import facts_of

from .accounts import Counts, accounts_of
from .correction_file import Correction
from .corrections import apply, decide, matches
from .discover import DeliveredFile
from .findings import ROW_FINDING, check_digits, file_findings, flag_findings, located
from .judge import (
    all_faults,
    contract_faults,
    duplicate_faults,
    group_faults,
    jurisdiction_faults,
    reference_faults,
    written_faults,
)
from .keys import Keys, key_faults
from .memory import one_ahead, part_rows
from .parse import empty_rows
from .parsed import FileVoided, ParsedFile
from .printed_totals import PrintedTotals
from .quarantine import quarantined, reasons_of_rows
from .region_register import RegionsOn
from .regions_of_rows import brought_up_to_date, displaced_rows, not_of_level, own_region

#: where a row came from, said beside it
PLACE = ("path", "sheet", "period", "supplier")


@dataclass(frozen=True)
class Judged:
    """What one batch comes to: rows that land, rows refused, each refusal's reasons, what is told of rows, and the
    cells that were corrected."""

    landed: pl.DataFrame
    quarantine: pl.DataFrame
    fault: pl.DataFrame
    finding: pl.DataFrame
    correction: pl.DataFrame


@dataclass(frozen=True)
class Settled:
    """What a source × period comes to besides its rows: one account per file, and what is told of whole files."""

    accounts: list[dict[str, Any]]
    finding: list[dict[str, Any]]


@dataclass(frozen=True)
class Context:
    """What rows are judged against. `known_facilities` None: this source refers to none."""

    contract: Any
    bounds: tuple[date, date]
    regions: RegionsOn
    known_facilities: pl.Series | None
    suppliers: frozenset[str]
    corrections: list[Correction]


def landed_schema(contract: Any) -> dict[str, pl.DataType]:
    """Columns of landed Parquet: the contract's, what was not applicable, and where each row came from."""
    facts = facts_of(contract)
    columns = {
        name: pl.String() if facts[name].kind == "enum" else column.dtype
        for name, column in contract.columns().items()
        if facts[name].kept
    }
    text = ("not_applicable", "delivery_path", "delivery_sheet")
    provenance = dict.fromkeys(text, pl.String()) | {"delivery_row": pl.Int64()}
    return columns | provenance | dict.fromkeys(("delivery_period", "delivery_supplier"), pl.String())


def standing(files: list[ParsedFile]) -> set[str]:
    """Paths of the highest revision of each supplier; readable or not."""
    best: dict[str, DeliveredFile] = {}
    for parsed in files:
        file = parsed.file
        if file.supplier not in best or file.rank > best[file.supplier].rank:
            best[file.supplier] = file
    return {file.path for file in best.values()}


class Keeper(Protocol):
    """Takes what each batch comes to."""

    def keep(self, number: int, judged: Judged) -> None:
        """Keep a batch, in place of what was kept under the same number."""

    def clear(self) -> None:
        """Forget every batch: all begin anew."""


def settle(
    files: list[ParsedFile],
    contract: Any,
    bounds: tuple[date, date],
    regions: RegionsOn,
    known_facilities: pl.Series | None,
    corrections: list[Correction],
    keeper: Keeper,
) -> Settled:
    """Decide over all files of one source × period. `keeper` takes each batch as it is decided, and again where a later
    one shows that some of its rows repeat a key."""
    while True:
        try:
            return _settled(files, contract, bounds, regions, known_facilities, corrections, keeper)
        except FileVoided:
            keeper.clear()  # its facts now say that nothing of it counts


def _settled(
    files: list[ParsedFile],
    contract: Any,
    bounds: tuple[date, date],
    regions: RegionsOn,
    known_facilities: pl.Series | None,
    corrections: list[Correction],
    keeper: Keeper,
) -> Settled:
    current = standing(files)
    read = [parsed for parsed in files if parsed.file.path in current and parsed.reason is None]
    read.sort(key=lambda parsed: (parsed.file.supplier, parsed.file.path))
    suppliers = frozenset(_today(parsed.file.supplier, regions) for parsed in read)
    in_force, stale = corrections, []
    if corrections:
        matched = pl.concat([matches(rows, contract, corrections) for rows, _ in _batches(read, contract, regions)])
        in_force, stale = decide(contract.source, corrections, matched)
    context = Context(contract, bounds, regions, known_facilities, suppliers, in_force)

    counts: dict[int, Counts] = {}
    keys, totals = Keys(contract), PrintedTotals(read, contract)
    for number, (rows, alone) in enumerate(_batches(read, contract, regions)):
        judged, counts[number] = _judged(rows, context, None if alone else keys, None, totals)
        keeper.keep(number, judged)
    repeated = keys.repeated()
    if len(repeated):
        for number, (rows, _) in enumerate(_batches(read, contract, regions)):
            if rows["id"].is_in(repeated.implode()).any():
                judged, counts[number] = _judged(rows, context, None, repeated, totals)
                keeper.keep(number, judged)
    for parsed in files:
        if parsed.large and parsed.file.path not in current and parsed.reason is None:
            deque(parsed.parts(), maxlen=0)  # its rows are counted, though none is wanted
    outcomes = ("landed", "quarantined", "superseded")
    total: Counts = {kind: sum((part[kind] for part in counts.values()), Counter()) for kind in outcomes}
    told = [row for parsed in files for row in file_findings(parsed.file, parsed.facts, contract)]
    accounts = accounts_of([(p.file, p.facts) for p in files], current, total, regions)
    return Settled(accounts, stale + told + totals.findings())


def _batches(read: list[ParsedFile], contract: Any, regions: RegionsOn) -> Iterator[tuple[pl.DataFrame, bool]]:
    """All rows in (supplier, path, line) order, numbered, as many at once as fit into memory; and whether these are
    all. Rules over groups of rows need them all at once."""
    batches = _cut(read, contract, regions)
    return one_ahead(batches) if any(parsed.large for parsed in read) else batches


def _cut(read: list[ParsedFile], contract: Any, regions: RegionsOn) -> Iterator[tuple[pl.DataFrame, bool]]:
    most = None if contract.group_rules else part_rows()
    first, held, height, alone = 0, [], 0, True
    for parsed in read:
        file = parsed.file
        place = {
            "path": file.path, "sheet": parsed.facts.sheet, "period": file.period,
            "supplier": _today(file.supplier, regions),
        }  # fmt: skip
        for rows in parsed.parts():
            if most is not None and height and height + rows.height > most:
                alone = False
                yield _numbered(held, first, contract), alone
                first, held, height = first + height, [], 0
            held.append(rows.with_columns(pl.lit(text, dtype=pl.String).alias(name) for name, text in place.items()))
            height += rows.height
    if held or alone:
        yield _numbered(held, first, contract), alone


def _numbered(frames: list[pl.DataFrame], first: int, contract: Any) -> pl.DataFrame:
    none = empty_rows(contract).with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in PLACE)
    return pl.concat([none, *frames], how="diagonal").with_row_index("id", offset=first)


def _judged(
    rows: pl.DataFrame,
    context: Context,
    keys: Keys | None,
    repeated: pl.Series | None,
    totals: PrintedTotals,
) -> tuple[Judged, Counts]:
    """One batch decided, and its rows counted by outcome and path. `keys` remembers the keys of this batch for the
    others; `repeated` are the rows of all batches that repeat a key, once that is known."""
    contract, regions = context.contract, context.regions
    rows, corrected = apply(rows, contract, context.corrections)
    displaced = displaced_rows(rows, contract, regions, set(context.suppliers))
    superseded = rows.filter(displaced) if displaced.any() else rows.clear()
    rows = _without(rows, superseded["id"])

    parts, findings, told = written_faults(rows), [], [pl.DataFrame(schema=ROW_FINDING)]
    if contract.checks_regions:
        rows, region_faults, mapped = brought_up_to_date(rows, contract, regions)
        sound = _unragged(rows)
        parts += [part.join(sound, on="id", how="semi") for part in region_faults]
        findings += [part.with_columns(pl.lit("code_mapped").alias("finding")) for part in mapped]
        wrong_level, words = not_of_level(sound, contract, regions)
        parts += wrong_level
        told.append(words)
        if column := own_region(contract):
            parts += jurisdiction_faults(_resolved_only(sound, column, region_faults), column, regions)
    sound = _unragged(rows)
    row_faults, flags = contract_faults(rows, contract, regions, context.bounds)
    parts += row_faults
    parts += reference_faults(sound, contract, context.known_facilities)
    refused = _with_siblings(rows, all_faults(parts)["id"], contract)
    if repeated is not None:
        parts += key_faults(sound, repeated, contract)
    elif keys is not None:
        keys.add(sound, refused)
    else:
        parts += duplicate_faults(sound, contract, refused)
    if contract.group_rules:
        parts += group_faults(_without(rows, _with_siblings(rows, all_faults(parts)["id"], contract)), contract)
    faults = all_faults(parts)

    landed = _without(rows, _with_siblings(rows, faults["id"], contract))
    findings += [*flag_findings(flags, contract), check_digits(rows)]
    refused_rows = rows.join(faults, on="id", how="semi") if faults.height else rows.clear()
    totals.add(rows["id"].first(), landed, superseded, refused_rows)
    outcomes = {"landed": landed, "quarantined": refused_rows, "superseded": superseded}
    counts = {name: _count(part, contract.wide_layout is not None) for name, part in outcomes.items()}
    judged = Judged(
        _shaped(landed, contract),
        quarantined(rows, faults, contract),
        reasons_of_rows(rows, faults, contract),
        located(findings, landed, pl.concat([part.select(list(ROW_FINDING)) for part in told]), rows, contract),
        corrected,
    )
    return judged, counts


def _count(rows: pl.DataFrame, wide: bool) -> Counter[str]:
    """Delivered rows by path: a row of a wide workbook is one, however many long rows it makes."""
    if rows.height and not wide and rows["path"][0] == rows["path"][-1]:  # rows stand file by file
        return Counter({rows["path"][0]: rows.height})
    each = pl.col("row").n_unique() if wide else pl.len()
    return Counter(dict(rows.group_by("path").agg(each).iter_rows()))


def _with_siblings(rows: pl.DataFrame, ids: pl.Series, contract: Any) -> pl.Series:
    """A row of a wide workbook lands as a whole or not at all: the refused rows, and all that were made of the same."""
    if contract.wide_layout is None or ids.is_empty():
        return ids
    refused = rows.filter(pl.col("id").is_in(ids.implode())).select("path", "row").unique()
    return rows.join(refused, on=["path", "row"], how="semi", maintain_order="left")["id"]


def _unragged(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("ragged")) if rows["ragged"].any() else rows


def _without(rows: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return rows.filter(~pl.col("id").is_in(ids.implode())) if len(ids) else rows


def _today(supplier: str, regions: RegionsOn) -> str:
    return regions.resolve(supplier).code or supplier


def _resolved_only(rows: pl.DataFrame, column: str, region_faults: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows whose own region is known: of the others nobody can say whose they are."""
    unknown = [part.filter(pl.col("column") == column)["id"] for part in region_faults]
    return _without(rows, pl.concat(unknown)) if unknown else rows


def _shaped(landed: pl.DataFrame, contract: Any) -> pl.DataFrame:
    named = landed.rename(
        {"path": "delivery_path", "sheet": "delivery_sheet", "row": "delivery_row", "period": "delivery_period",
         "supplier": "delivery_supplier"}
    )  # fmt: skip
    schema = landed_schema(contract)
    return named.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
