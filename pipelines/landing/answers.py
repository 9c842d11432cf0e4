"""An answer for the supplier of every refused or partly refused file, beside the quarantine; written only when new."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import SOURCES, contract_of

from .results import COUNTS, FAULT, Landed
from .store import read_sealed, write_sealed

REFUSED = ("partly", "rejected")
#: answers of another wording are written anew
VERSION = "2"


def write_answers(landed: Landed, raw: Path, var: Path) -> int:
    """Write what is new among the answers to the files of one source, and remove those that no longer hold. Returns how
    many files are refused or partly refused.

    `var`/quarantine/<source>/<period>/<file name>.answer.xlsx and .answer.txt.
    """
    top = var / "quarantine" / (landed.source or "strays")
    known: dict[str, str] = read_sealed(top / "answers.json") or {}
    refused = landed.delivery.filter(pl.col("state").is_in(REFUSED))
    counts = {row["path"]: row for row in landed.reconciliation.iter_rows(named=True)} if refused.height else {}
    told = landed.finding.filter(pl.col("finding") == "file_rejected").select("path", "detail")
    details = dict(told.iter_rows())
    # named after what they were made of: equal names, equal refusals
    made = {kind: _by_period(paths) for kind, paths in (("fault", landed.faults), ("quarantine", landed.quarantined))}
    answers: dict[str, str] = {}
    for delivery in refused.iter_rows(named=True):
        path, period = delivery["path"], delivery["period"]
        account = {name: delivery[name] for name in ("path", "state", "reason", "supplier", "period", "revision")}
        account |= {name: counts[path][name] for name in COUNTS}
        account["detail"] = (details.get(path) or "").partition(": ")[2]
        name = _place(delivery, landed.source)
        faults, quarantine = (made[kind].get(period, []) for kind in ("fault", "quarantine"))
        digest = _digest([VERSION, delivery["sha256"], account, [file.name for file in (*faults, *quarantine)]])
        target = top / name
        current = known.get(name) == digest and target.exists()
        if current or _write(raw / path, landed.source, account, delivery["sha256"], (faults, quarantine), target):
            answers[name] = digest
    targets = [top / name for name in answers]
    wanted = {target.with_suffix(suffix) for target in targets for suffix in (".xlsx", ".txt")}
    for left in set(top.glob("*/*.answer.*")) - wanted:
        left.unlink(missing_ok=True)
    if answers != known:
        write_sealed(top / "answers.json", answers)
    return refused.height


def _write(
    delivered: Path,
    source: str,
    account: dict[str, Any],
    sha256: str,
    refused: tuple[list[Path], list[Path]],
    target: Path,
) -> bool:
    """Whether the answer was written: a file that changed since it was judged gets none before the next run."""
    from .answer import write_answer

    path = account["path"]
    if account["reason"] is None and not _holds(delivered, sha256):
        return False
    kind = path.rpartition(".")[2].lower()
    contract = contract_of(source) if source in SOURCES else None
    columns = (["row_number", "reason", "column"], ["row_number"])
    frames = [_rows_of(files, path, names) for files, names in zip(refused, columns, strict=True)]
    write_answer(delivered, kind, account, frames[1], frames[0], contract, target)
    return True


def _rows_of(files: list[Path], path: str, columns: list[str]) -> pl.DataFrame:
    if not files:
        return pl.DataFrame(schema={name: FAULT[name] for name in ["path", *columns]})
    rows = pl.scan_parquet(files).filter(pl.col("path") == path).select(columns).collect()
    return rows.with_columns(pl.lit(path).alias("path"))


def _holds(delivered: Path, sha256: str) -> bool:
    try:
        with delivered.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _by_period(paths: list[Path]) -> dict[str, list[Path]]:
    periods: dict[str, list[Path]] = {}
    for path in paths:
        periods.setdefault(path.parent.name, []).append(path)
    return periods


def _place(delivery: dict[str, Any], source: str) -> str:
    """Where an answer lies: names that say nothing harmful stay, others are told apart by their digest."""
    folders = delivery["path"].split("/")
    period = delivery["period"] if re.fullmatch(r"[0-9-]{1,10}", delivery["period"]) else "-"
    name = folders[-1]
    if not source or period == "-" or len(folders) != 3 or not re.fullmatch(r"[\w.-]{1,80}", name, re.ASCII):
        name = _digest(delivery["path"])[:16]
    return f"{period}/{name}.answer.xlsx"


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
