"""What a file would be told if it were delivered: the landing itself, over a copy of the file, the region register and
the registers it refers to, in a temporary folder that is removed. Nothing in raw/ or var/ is written.
"""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipelines.contracts import contract_of
from pipelines.contracts.delivery import facts_of

from .answer import workbook
from .discover import FILE_NAME, FORM_EXAMPLES, period_bounds
from .hash_key import KEY_BYTES
from .land import Landing
from .letter import KINDS, Trial, letter_of, name_remedy
from .masking import masked
from .reasons import of_file, title_of
from .refusals import Refusal
from .region_register import NATION, RegionsOn, Register, Resolved
from .results import COUNTS, QUARANTINE, Landed

NO_REGISTER = (
    "交付文件夹中没有可用的行政区划名录：区划代码是否有效未核对，是否属于报送单位只按代码位数判断"
    " · no region register: codes not checked, jurisdiction by digits only"
)
CHINESE = re.compile("[\u4e00-\u9fff]")


class WrongUsage(ValueError):
    """The question itself is wrong: period or supplier are not of the form that the source asks for (zh · en)."""


@dataclass(frozen=True)
class Note:
    """Something true but odd, or worth knowing: it refuses nothing. `rows` are physical row numbers."""

    finding: str
    text: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Checked:
    """The answer: what refuses the whole file, each refused row's reasons in words, notes, and the counts of rows."""

    source: str
    period: str
    supplier: str
    #: (reason, what, remedy) of the name and of the file as a whole
    file_refusals: list[tuple[str, str, str]]
    refusals: list[Refusal]
    notes: list[Note]
    counts: dict[str, int]
    #: the workbook of the refused rows, as the supplier would get it; None where nothing was refused
    answer: bytes | None

    @property
    def clean(self) -> bool:
        """Nothing is refused."""
        return not self.file_refusals and not self.refusals


class RegionsByDigits(RegionsOn):
    """Stands in where there is no register: every code is valid, and what lies above it is read off its digits."""

    def __init__(self) -> None:
        super().__init__([], date.min)

    def resolve(self, code: str) -> Resolved:
        return Resolved(code)

    def is_of_level(self, code: str, level: str) -> bool:
        return True

    def line_of(self, code: str) -> list[str]:
        above = [code[:9], code[:6], f"{code[:4]}00", f"{code[:2]}0000", NATION]
        return list(dict.fromkeys([code, *above]))


class NoRegister(Register):
    """A register that knows the suppliers only."""

    def __init__(self, suppliers: set[str]) -> None:
        super().__init__(lambda: pl.DataFrame({"region_code": sorted(suppliers)}, schema={"region_code": pl.String}))

    def on(self, day: date) -> RegionsOn:
        return RegionsByDigits()


def check(file: Path, source: str, period: str, raw: Path, supplier: str = "") -> Checked:
    """Judge `file` as a delivery of `source` for `period` into `raw`, by itself: deliveries of others for the same
    period are not looked at. `supplier` serves where the file name says none. Raises WrongUsage.
    """
    form = contract_of(source).period_form
    try:
        period_bounds(form, period)
    except ValueError:
        raise WrongUsage(f"时期写法应为 {FORM_EXAMPLES[form]} · wrong period form: {period}") from None
    if supplier and not re.fullmatch(r"\d{6}", supplier):
        raise WrongUsage(f"报送单位应为6位区划代码 · supplier must be a 6-digit region code: {masked(supplier)}")
    with TemporaryDirectory(prefix="carestat-check-") as home:
        return _check(file, source, period, raw, supplier, Path(home))


def _check(file: Path, source: str, period: str, raw: Path, supplier: str, home: Path) -> Checked:
    contract = contract_of(source)
    name = _name(file, supplier)
    path = f"{source}/{period}/{name}"
    _stage(file, raw, home / "raw", contract, period, name)
    key = secrets.token_bytes(KEY_BYTES)  # hashes are compared within this check only
    landing = Landing(home / "raw", home / "var", key=key)
    notes = []
    if contract.checks_regions and not landing.land("regions").rows:
        notes.append(Note("no_register", NO_REGISTER))
        suppliers = {
            found["supplier"] for staged in _files(home / "raw") if (found := FILE_NAME.fullmatch(staged.name))
        }
        landing = Landing(home / "raw", home / "var", key=key, register=NoRegister(suppliers))
    landed = landing.land(source)
    account = _account(landed, path)
    refused = []
    if reason := account["reason"]:
        refused = [(reason, of_file(reason, account["detail"]).what, name_remedy(reason, name))]
    lying, deliver_as = _standing(raw, file, path)
    if name != file.name and reason != "bad_filename":
        notes.append(Note("to_be_named", f"报送时请命名为 {deliver_as} · deliver under this name"))
    trial = Trial(file.name, deliver_as, supplier if name != file.name else "")
    found = FILE_NAME.fullmatch(name)
    kind = Path(name).suffix.lower().removeprefix(".")
    faults = _faults(home / "var", source, period)
    letter = letter_of(home / "raw" / path, kind, account, landed.quarantine, faults, contract, None, trial)
    return Checked(
        source,
        period,
        found["supplier"] if found else "",
        refused,
        letter.refusals,
        [
            *notes,
            *lying,
            *_references(landing, contract, period),
            *_notes(landed, account, contract),
        ],
        {count: account[count] for count in COUNTS},
        workbook(letter, contract) if refused or letter.refusals else None,
    )


def _name(file: Path, supplier: str) -> str:
    """The name to judge it by: its own, or the one that `supplier` would have to give it."""
    if FILE_NAME.fullmatch(file.name) or not supplier or file.suffix.lower() not in KINDS:
        return file.name
    return f"{supplier}{file.suffix.lower()}"


def _stage(file: Path, raw: Path, staged: Path, contract: Any, period: str, name: str) -> None:
    """Copy what the verdict depends on: the file, the register of regions, and the year's registers referred to."""
    folder = staged / contract.source / period
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / name)
    others = [raw / "regions"] if contract.checks_regions else []
    for referred in _referred(contract):
        months = (raw / referred).glob(f"{period[:4]}-*")
        others += [month for month in months if month.name <= period and referred != contract.source]
    for other in others:
        if other.is_dir():
            shutil.copytree(other, staged / other.relative_to(raw), symlinks=True)


def _referred(contract: Any) -> list[str]:
    return sorted({register for column in facts_of(contract).values() for register in column.references})


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _account(landed: Landed, path: str) -> dict[str, Any]:
    """The account of the file, as an answer needs it."""
    if landed.reconciliation.is_empty():  # hidden files and companions are passed over
        nothing = dict.fromkeys(COUNTS, 0)
        return {**nothing, "path": path, "state": "rejected", "reason": "bad_filename", "detail": masked(path)}
    counts = landed.reconciliation.row(0, named=True)
    told = landed.finding.filter(pl.col("finding") == "file_rejected")["detail"].to_list()
    state, reason = landed.delivery.select("state", "reason").row(0)
    detail = told[0].removeprefix(f"{reason}: ") if told else ""
    return {**counts, "path": path, "state": state, "reason": reason, "detail": detail}


def _faults(var: Path, source: str, period: str) -> pl.DataFrame:
    """Every reason of every refused row, as landing keeps them beside the quarantine."""
    kept = sorted((var / "quarantine" / source / period).glob("*.fault.parquet"))
    empty = pl.DataFrame(schema=QUARANTINE).select("path", "source", "sheet", "row_number", "reason", "column")
    return pl.concat([empty, *(pl.read_parquet(path).select(empty.columns) for path in kept)])


def _notes(landed: Landed, account: dict[str, Any], contract: Any) -> list[Note]:
    """What landing found besides, one note for all rows of which it says the same."""
    facts = facts_of(contract)
    rows: dict[tuple[str, str], list[int]] = {}
    for finding, column, detail, row_number in landed.finding.select(
        "finding", "column", "detail", "row_number"
    ).iter_rows():
        if finding == "file_rejected":
            continue
        title = facts[column].title if column in facts else masked(column) or ""
        said = "" if finding.startswith("flag:") else detail or ""
        words = said if CHINESE.search(said) else " ".join(filter(None, [title_of(finding, contract), said]))
        rows.setdefault((finding, "：".join(filter(None, [title, masked(words)]))), []).extend(
            [] if row_number is None else [row_number]
        )
    notes = [Note(finding, text, tuple(lines)) for (finding, text), lines in rows.items()]
    if account["reason"] is None and account["delivered"] == account["ignored"]:
        notes.append(Note("nil_return", "没有数据行：作为零报送接收，本单位各项计为0 · nil return"))
    return notes


def _standing(raw: Path, file: Path, path: str) -> tuple[list[Note], str]:
    """A delivery that lies there already under this name or a later revision; and the name to deliver `file` under."""
    own = FILE_NAME.fullmatch(Path(path).name)
    if own is None:
        return [], ""
    notes, deliver_as, latest = [], Path(path).name, int(own["revision"] or 1) - 1
    for other in sorted(_files((raw / path).parent)):
        found = FILE_NAME.fullmatch(other.name)
        if found is None or found["supplier"] != own["supplier"] or other.samefile(file):
            continue
        if int(found["revision"] or 1) > latest:
            latest = int(found["revision"] or 1)
            deliver_as = f"{own['supplier']}_r{latest + 1}.{own['kind'].lower()}"
            said = f"已有 {other.name}，要替代它请命名为 {deliver_as} · deliver as {deliver_as}"
            notes = [Note("already_delivered", said)]
    return notes, deliver_as


def _references(landing: Landing, contract: Any, period: str) -> list[Note]:
    """Registers that the file refers to and of which nothing was delivered this year."""
    referred = _referred(contract)
    if not referred or any(landing.land(register).rows for register in referred):
        return []
    titles = "或".join(contract_of(register).title_zh for register in referred)
    return [Note("no_reference", f"{period[:4]}年还没有可用的{titles}，所引机构都查不到 · no register")]
