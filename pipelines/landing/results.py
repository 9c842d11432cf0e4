"""What landing tells of its files: the rows of ops.delivery, reconciliation, quarantine and finding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from .discover import ChangedMeanwhile, DeliveredFile
from .sidecar import FOLDERS, files_of

DELIVERY = {
    "source": pl.String,
    "period": pl.String,
    "supplier": pl.String,
    "revision": pl.Int64,
    "path": pl.String,
    "sha256": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
    "state": pl.String,
    "reason": pl.String,
    # for the models, which decide coverage; ops.delivery does not show them:
    # the file counts for its supplier (highest revision, readable, header found), whatever became of its rows
    "standing": pl.Boolean,
    # the supplier as of the period end, null if no region then
    "supplier_code": pl.String,
}
COUNTS = ("delivered", "landed", "quarantined", "superseded", "ignored")
RECONCILIATION = {"path": pl.String} | dict.fromkeys(COUNTS, pl.Int64)
FINDING = dict.fromkeys(("path", "source", "period", "finding"), pl.String) | {
    "row_number": pl.Int64,
    "column": pl.String,
    "detail": pl.String,
}
QUARANTINE = dict.fromkeys(("path", "source", "sheet"), pl.String) | {
    "row_number": pl.Int64,
    **dict.fromkeys(("reason", "all_reasons", "column", "raw_value"), pl.String),
}
FAULT = dict.fromkeys(("path", "source", "sheet"), pl.String) | {
    "row_number": pl.Int64,
    **dict.fromkeys(("reason", "column"), pl.String),
}
CORRECTION = {"path": pl.String, "row_number": pl.Int64} | dict.fromkeys(
    ("column", "old", "new", "reason", "approved_by"), pl.String
)


@dataclass(frozen=True)
class Landed:
    """A source after landing: Parquet per period, and the tables of ops for its files."""

    source: str
    files: list[Path]
    delivery: pl.DataFrame
    reconciliation: pl.DataFrame
    finding: pl.DataFrame
    correction: pl.DataFrame
    rows: int
    bytes: int
    #: Parquet files of the refused rows, and of what each of them failed
    quarantined: list[Path]
    faults: list[Path]

    @property
    def quarantine(self) -> pl.DataFrame:
        """The refused rows; there may be as many as rows were delivered."""
        return read_all(self.quarantined, QUARANTINE)


def assemble(source: str, files: list[DeliveredFile], sidecars: list[dict[str, Any]], var: Path) -> Landed:
    """One result from the sidecars of a source's periods, in order."""
    accounts = {account["path"]: account for sidecar in sidecars for account in sidecar["files"]}
    files = [file for file in files if file.path in accounts]  # the rest came to a period that stays as it was
    found: dict[str, list[Path]] = {kind: [] for kind in FOLDERS}
    notes: list[dict[str, Any]] = []
    for sidecar in sidecars:
        for kind, path in files_of(sidecar, var, source):
            found[kind].append(path)
        notes += sidecar.get("finding", [])
    notes += [_changed(file) for file in files if file.former]
    counts = [{"path": file.shown} | {name: accounts[file.path][name] for name in COUNTS} for file in files]
    return Landed(
        source,
        found["parquet"],
        pl.DataFrame([_delivery(file, accounts[file.path]) for file in files], DELIVERY),
        pl.DataFrame(counts, RECONCILIATION),
        pl.concat([read_all(found["finding_parquet"], FINDING), pl.DataFrame(notes, FINDING)]),
        pl.DataFrame([cell for sidecar in sidecars for cell in sidecar.get("correction", [])], CORRECTION),
        sum(sidecar["rows"] for sidecar in sidecars),
        sum(sidecar.get("bytes", 0) for sidecar in sidecars),
        found["quarantine_parquet"],
        found["fault_parquet"],
    )


def rejected(file: DeliveredFile) -> dict[str, Any]:
    """The account of a file whose name keeps it out."""
    verdict = {"state": "rejected", "reason": "bad_filename", "standing": False, "supplier_code": None}
    return {"path": file.path} | verdict | dict.fromkeys(COUNTS, 0)


def fault_findings(files: list[DeliveredFile]) -> list[dict[str, Any]]:
    """Why the names of `files` keep them out, for their suppliers."""
    return [_finding(file, "file_rejected", f"bad_filename: {file.fault}") for file in files if file.fault]


def as_it_was(former: dict[str, Any] | None, changed: ChangedMeanwhile) -> dict[str, Any]:
    """The sidecar of a period of which a file changed while it was read: the one in force before stands for this run,
    and nothing where nothing was settled yet. The next run takes it up again."""
    last = former or told([])
    return last | {"finding": [*last["finding"], _finding(changed.file, "still_being_written", str(changed))]}


def told(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """A sidecar of findings that belong to no period that was settled."""
    return {"files": [], "rows": 0, "finding": findings}


def waiting_sidecar(files: list[DeliveredFile]) -> dict[str, Any]:
    """Tells of files whose present content is left for the next run; they are no part of this run's account."""
    return told([_finding(file, "still_being_written", file.waits or "") for file in files])


def _changed(file: DeliveredFile) -> dict[str, Any]:
    was = "、".join(sha256[:12] for sha256 in file.former)
    return _finding(file, "changed_in_place", f"同名文件内容已换，原为 {was} · same name, new content")


def _finding(file: DeliveredFile, finding: str, detail: str) -> dict[str, Any]:
    place = {"path": file.shown, "source": file.source, "period": file.period}
    return place | {"finding": finding, "row_number": None, "column": None, "detail": detail}


def _delivery(file: DeliveredFile, account: dict[str, Any]) -> dict[str, Any]:
    named = {
        name: getattr(file, name) for name in ("source", "period", "supplier", "revision", "sha256", "received_at")
    }
    decided = {name: account[name] for name in ("state", "reason", "standing", "supplier_code")}
    return named | {"path": file.shown} | decided


def read_all(paths: list[Path], schema: dict[str, Any]) -> pl.DataFrame:
    """One frame of several files, in their order."""
    return pl.concat([pl.DataFrame(schema=schema), *(pl.read_parquet(path) for path in paths)])
