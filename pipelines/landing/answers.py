"""An answer for the supplier of every refused or partly refused file, beside the quarantine; written only when new."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import SOURCES, contract_of

from .results import COUNTS, FAULT, Landed, read_all
from .store import read_json, write_json

REFUSED = ("partly", "rejected")
#: answers of another wording are written anew
VERSION = "1"


def write_answers(landed: Landed, raw: Path, var: Path) -> int:
    """Write what is new among the answers to the files of one source (`Landed` of a stray file has none), and remove
    those that no longer hold. Returns how many answers there are.

    `var`/quarantine/<source>/<period>/<file name>.answer.xlsx and .answer.txt.
    """
    top = var / "quarantine" / (landed.source or "strays")
    known: dict[str, str] = read_json(top / "answers.json") or {}
    refused = landed.delivery.filter(pl.col("state").is_in(REFUSED))
    answers: dict[str, str] = {}
    if refused.height:
        faults = read_all(landed.faults, FAULT)
        counts = {row["path"]: row for row in landed.reconciliation.iter_rows(named=True)}
        details = dict(landed.finding.filter(pl.col("finding") == "file_rejected").select("path", "detail").iter_rows())
        for delivery in refused.iter_rows(named=True):
            path = delivery["path"]
            target = top / _place(delivery)
            account = {name: delivery[name] for name in ("path", "state", "reason", "supplier", "period", "revision")}
            account |= {name: counts[path][name] for name in COUNTS}
            account["detail"] = (details.get(path) or "").partition(": ")[2]
            mine = faults.filter(pl.col("path") == path), landed.quarantine.filter(pl.col("path") == path)
            name = target.relative_to(top).as_posix()
            answers[name] = _digest([VERSION, delivery["sha256"], account, *(frame.write_csv() for frame in mine)])
            if known.get(name) != answers[name] or not target.exists():
                _write(raw, landed.source, account, *mine, target)
    for name in sorted(set(known) - set(answers)):
        for suffix in (".xlsx", ".txt"):
            (top / name).with_suffix(suffix).unlink(missing_ok=True)
    if answers != known:
        write_json(top / "answers.json", answers)
    return len(answers)


def _write(
    raw: Path, source: str, account: dict[str, Any], faults: pl.DataFrame, quarantine: pl.DataFrame, target: Path
) -> None:
    from .answer import write_answer

    contract = contract_of(source) if source in SOURCES else None
    kind = account["path"].rpartition(".")[2].lower()
    write_answer(raw / account["path"], kind, account, quarantine, faults, contract, target)


def _place(delivery: dict[str, Any]) -> Path:
    """Where an answer lies: names that say nothing harmful stay, others are told apart by their digest."""
    folders = delivery["path"].split("/")
    period = delivery["period"] if re.fullmatch(r"[0-9-]{1,10}", delivery["period"]) else "-"
    name = folders[-1]
    if not re.fullmatch(r"[\w.-]{1,80}", name, re.ASCII) or len(folders) != 3:
        name = f"{_digest(delivery['path'])[:12]}"
    return Path(period) / f"{name}.answer.xlsx"


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
