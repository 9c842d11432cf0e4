"""One source × period: which files stand, which rows of them land, and an account of every row.

delivered = landed + quarantined + superseded + ignored holds for each file (spec §1 Identity).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.contracts.delivery import facts_of, rules_of

from .discover import DeliveredFile
from .judge import (
    all_faults,
    contract_faults,
    duplicate_faults,
    group_faults,
    jurisdiction_faults,
    reference_faults,
    written_faults,
)
from .parse import FileFacts
from .quarantine import quarantined
from .region_register import RegionsOn
from .regions_of_rows import brought_up_to_date, displaced_rows, not_of_level, own_region
from .results import FINDING

ROW_FINDING = {"id": pl.UInt32, "column": pl.String, "detail": pl.String, "finding": pl.String}


@dataclass(frozen=True)
class ParsedFile:
    """A well-named file with what parsing made of it. `reason` is its file-level reason, if any."""

    file: DeliveredFile
    rows: pl.DataFrame
    facts: FileFacts

    @property
    def reason(self) -> str | None:
        return self.facts.reason


@dataclass(frozen=True)
class Settled:
    """What a source × period comes to: landed rows, refused rows, findings, and one account per file."""

    landed: pl.DataFrame
    quarantine: pl.DataFrame
    finding: pl.DataFrame
    accounts: list[dict[str, Any]]


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


def settle(
    files: list[ParsedFile],
    contract: Any,
    bounds: tuple[date, date],
    regions: RegionsOn,
    known_facilities: pl.Series | None,
) -> Settled:
    """Decide over all files of one source × period. `known_facilities` None: this source refers to none."""
    current = standing(files)
    read = [parsed for parsed in files if parsed.file.path in current and parsed.reason is None]
    rows = _gathered(read, contract, regions)
    displaced = displaced_rows(rows, contract, regions, {_today(p.file.supplier, regions) for p in read})
    superseded = rows.filter(displaced).group_by("path").agg(pl.col("row").n_unique())
    rows = rows.filter(~displaced)

    parts = written_faults(rows)
    findings: list[pl.DataFrame] = []
    told = pl.DataFrame(schema=ROW_FINDING)
    if contract.checks_regions:
        rows, region_faults, mapped = brought_up_to_date(rows, contract, regions)
        ragged_ids = set(rows.filter("ragged")["id"])
        parts += [part.filter(~pl.col("id").is_in(ragged_ids)) for part in region_faults]
        findings += [part.with_columns(pl.lit("code_mapped").alias("finding")) for part in mapped]
        wrong_level, told = not_of_level(rows.filter(~pl.col("ragged")), contract, regions)
        parts += wrong_level
        if column := own_region(contract):
            parts += jurisdiction_faults(
                _resolved_only(rows.filter(~pl.col("ragged")), column, region_faults), column, regions
            )
    sound_cells = rows.filter(~pl.col("ragged"))
    row_faults, flags = contract_faults(rows, contract, regions, bounds)
    parts += row_faults
    parts += reference_faults(sound_cells, contract, known_facilities)
    parts += duplicate_faults(sound_cells, contract, all_faults(parts)["id"])
    refused = all_faults(parts)["id"]
    parts += group_faults(rows.filter(~pl.col("id").is_in(refused.implode())), contract)
    faults = all_faults(parts)

    landed = rows.filter(~pl.col("id").is_in(faults["id"].implode()))
    findings += _flag_findings(flags, contract)
    findings.append(_check_digits(rows))
    return Settled(
        _shaped(landed, contract),
        quarantined(rows, faults, contract),
        _located(findings, landed, told, rows, files, contract),
        _accounts(files, current, landed, rows.join(faults, on="id", how="semi"), superseded, regions),
    )


def _today(supplier: str, regions: RegionsOn) -> str:
    return regions.resolve(supplier).code or supplier


def _gathered(read: list[ParsedFile], contract: Any, regions: RegionsOn) -> pl.DataFrame:
    """All rows in (supplier, path, line) order, numbered."""
    from .parse import empty_rows

    place = {"path": pl.String, "sheet": pl.String, "period": pl.String, "supplier": pl.String}
    frames = [empty_rows(contract).with_columns([pl.lit(None, dtype=t).alias(n) for n, t in place.items()])]
    for parsed in sorted(read, key=lambda p: (p.file.supplier, p.file.path)):
        file = parsed.file
        where = (file.path, parsed.facts.sheet, file.period, _today(file.supplier, regions))
        frames.append(
            parsed.rows.with_columns(
                pl.lit(value, dtype=pl.String).alias(name) for name, value in zip(place, where, strict=True)
            )
        )
    return pl.concat(frames, how="diagonal").with_row_index("id")


def _resolved_only(rows: pl.DataFrame, column: str, region_faults: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows whose own region is known: of the others nobody can say whose they are."""
    unknown = [part.filter(pl.col("column") == column)["id"] for part in region_faults]
    return rows.filter(~pl.col("id").is_in(pl.concat(unknown).implode())) if unknown else rows


def _flag_findings(flags: list[pl.DataFrame], contract: Any) -> list[pl.DataFrame]:
    titles = {f"flag:{rule.name}": rule.title for rule in rules_of(contract)}
    return [
        part.select("id", "column", pl.col("code").replace(titles).alias("detail"), pl.col("code").alias("finding"))
        for part in flags
        if part.height
    ]


def _check_digits(rows: pl.DataFrame) -> pl.DataFrame:
    wrong = rows.filter(pl.col("wrong_check_digit").is_not_null())
    return wrong.select(
        "id",
        pl.col("wrong_check_digit").alias("column"),
        pl.lit("校验码不符，请核对 · wrong check digit").alias("detail"),
        pl.lit("id_check_digit").alias("finding"),
    )


def _shaped(landed: pl.DataFrame, contract: Any) -> pl.DataFrame:
    named = landed.rename(
        {"path": "delivery_path", "sheet": "delivery_sheet", "row": "delivery_row", "period": "delivery_period",
         "supplier": "delivery_supplier"}
    )  # fmt: skip
    schema = landed_schema(contract)
    return named.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _located(
    findings: list[pl.DataFrame],
    landed: pl.DataFrame,
    told: pl.DataFrame,
    rows: pl.DataFrame,
    files: list[ParsedFile],
    contract: Any,
) -> pl.DataFrame:
    """Findings of landed rows and what is told of refused ones, with file and row number; then those of whole files."""
    found = pl.concat([pl.DataFrame(schema=ROW_FINDING), *(part.select(list(ROW_FINDING)) for part in findings)])
    of_rows = pl.concat([found.join(landed, on="id", how="semi"), told])
    located = of_rows.join(rows.select("id", "path", "row", "period"), on="id", how="inner").sort(
        "id", "finding", maintain_order=True
    )
    by_row = located.with_columns(pl.lit(contract.source).alias("source"), pl.col("row").alias("row_number")).unique(
        ["path", "row_number", "finding", "column"], keep="first", maintain_order=True
    )
    by_file = [row for parsed in files for row in _file_findings(parsed, contract)]
    return pl.concat(
        [by_row.select(pl.col(name).cast(dtype) for name, dtype in FINDING.items()), pl.DataFrame(by_file, FINDING)]
    )


def _file_findings(parsed: ParsedFile, contract: Any) -> list[dict[str, Any]]:
    file, facts = parsed.file, parsed.facts
    base = {"path": file.path, "source": contract.source, "period": file.period, "row_number": None}
    found = [
        base | {"finding": "unmatched_column", "column": text, "detail": "表头不在约定之列，未读入 · column not read"}
        for text in facts.unmatched
    ]
    if parsed.reason:
        found.append(base | {"finding": "file_rejected", "column": None, "detail": f"{parsed.reason}: {facts.detail}"})
    return found


def _accounts(
    files: list[ParsedFile],
    current: set[str],
    landed: pl.DataFrame,
    refused: pl.DataFrame,
    superseded: pl.DataFrame,
    regions: RegionsOn,
) -> list[dict[str, Any]]:
    counts = {name: dict(frame.group_by("path").agg(pl.col("row").n_unique()).iter_rows())
              for name, frame in (("landed", landed), ("quarantined", refused))}  # fmt: skip
    displaced = dict(superseded.iter_rows())
    accounts = []
    for parsed in files:
        path, facts = parsed.file.path, parsed.facts
        replaced = path not in current
        account = {
            "path": path,
            "reason": parsed.reason,
            "standing": not replaced and parsed.reason is None,
            "supplier_code": regions.resolve(parsed.file.supplier).code,
            "delivered": facts.delivered,
            "landed": counts["landed"].get(path, 0),
            "quarantined": counts["quarantined"].get(path, 0),
            "superseded": facts.delivered - facts.ignored if replaced else displaced.get(path, 0),
            "ignored": facts.ignored,
        }
        accounts.append(account | {"state": _state(account, replaced)})
    return accounts


def _state(account: dict[str, Any], replaced: bool) -> str:
    if replaced:
        return "superseded"
    if account["reason"] or (account["quarantined"] and not account["landed"]):
        return "rejected"
    if account["quarantined"]:
        return "partly"
    return "superseded" if account["superseded"] and not account["landed"] else "landed"
