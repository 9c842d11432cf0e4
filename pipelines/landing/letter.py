"""What an answer to a supplier says: of the file, of its refused rows, and how to mend them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from .discover import FILE_NAME, period_bounds
from .masking import masked
from .reasons import Row, of_file, of_row, title_of
from .refusals import DeliveredRows, Refusal, delivered_rows, in_words

#: what a reader can look through: of further refused rows only the number is told
MOST_ROWS = 10_000
NAMED_ROWS = 5
KINDS = (".csv", ".xlsx", ".parquet")
MEND_ROWS = "按“拒收行”中标色的单元格和原因，在原文件中改正。"
VERDICTS = {"rejected": "未接收", "partly": "部分接收"}
COUNTS = {"landed": "接收 ", "quarantined": "拒收 ", "superseded": "被替代 ", "ignored": "不计入（合计、注等）"}


class Trial(NamedTuple):
    """A file that is only checked: its own name, the name to deliver it under (empty where that is not known), and
    what a further check must be told besides."""

    file_name: str
    deliver_as: str
    supplier: str = ""


class Letter(NamedTuple):
    """Everything that an answer says: about the file, and about its refused rows."""

    #: 标题 → text, in order
    head: dict[str, str]
    #: how to mend it, line by line
    remedy: list[str]
    refusals: list[Refusal]
    rows: DeliveredRows
    #: the refused rows of which `refusals` tells, and how many there are in all
    refused: list[int]
    quarantined: int
    #: (reason, column, failures, first row numbers, remedy) over all refused rows, the most frequent first
    summary: list[tuple[str, str, int, str, str]]
    #: of a check: nothing was delivered yet
    trial: bool = False


def letter_of(
    delivered: Path,
    kind: str,
    account: dict[str, Any],
    quarantine: pl.DataFrame,
    faults: pl.DataFrame,
    contract: Any,
    most: int | None = MOST_ROWS,
    trial: Trial | None = None,
) -> Letter:
    """What `write_answer` says of a file, by the same arguments; of the first `most` refused rows in words. With
    `trial`, what it would say if the file were delivered.
    """
    source, period, name = (["", "", *account["path"].split("/")])[-3:]
    written = FILE_NAME.fullmatch(name)
    supplier = written["supplier"] if written else ""
    quarantine, faults = (frame.filter(pl.col("path") == account["path"]) for frame in (quarantine, faults))
    every = quarantine["row_number"].unique().sort()
    refused = every.head(len(every) if most is None else most).to_list()
    told = faults.filter(pl.col("row_number").is_in(refused)).sort("row_number", maintain_order=True)
    repeated = told.filter(pl.col("reason") == "duplicate_key")["row_number"].to_list()
    rows = delivered_rows(delivered, kind, contract, refused, every, repeated) if refused else DeliveredRows()
    head = {
        "文件": masked(trial.file_name if trial else account["path"]) or "",
        "来源": contract.title_zh if contract else masked(source) or "",
        "时期": masked(period) or "",
        "报送单位": " ".join(filter(None, [supplier, account.get("supplier_name") or ""])),
        "结论": _verdict(account, trial),
        "行数": counted(account),
    }
    period_end = str(period_bounds(contract.period_form, period)[1]) if refused else ""
    return Letter(
        head,
        _remedy_of_trial(account, trial) if trial else _remedy(account, account["path"]),
        in_words(told, rows, contract, supplier, period_end),
        rows,
        refused,
        len(every),
        _summary(faults, rows, contract),
        trial is not None,
    )


def counted(counts: Mapping[str, int]) -> str:
    """共 160 行：接收 159，…"""
    parts = "，".join(f"{title}{counts[name]}" for name, title in COUNTS.items())
    return f"共 {counts['delivered']} 行：{parts}"


def _verdict(account: dict[str, Any], trial: Trial | None) -> str:
    if account["reason"]:
        why = of_file(account["reason"], account.get("detail") or "").what
        return f"整份{'不会被接收' if trial else VERDICTS.get(account['state'], '部分接收')}：{why}"
    if trial:
        return f"{account['quarantined']} 行会被拒收，其余行不受影响"
    return f"{VERDICTS.get(account['state'], '部分接收')}：{account['quarantined']} 行拒收，其余行不受影响"


def next_name(name: str) -> str:
    """The name under which a mended file replaces `name`: the next revision; empty where `name` is no delivery's."""
    written = FILE_NAME.fullmatch(name)
    if written is None:
        return ""
    return f"{written['supplier']}_r{int(written['revision'] or 1) + 1}.{written['kind'].lower()}"


def _remedy(account: dict[str, Any], path: str) -> list[str]:
    following = next_name(path.rpartition("/")[2])
    if account["reason"] == "bad_filename" or not following:
        return [of_file("bad_filename").remedy]
    mend = of_file(account["reason"]).remedy if account["reason"] else MEND_ROWS
    again = f"改好后整份重报（已接收的行也要在内），文件名为 {following}，放在同一文件夹；它替代本文件，原文件留存。"
    source, period = path.split("/")[:2]
    return [mend, again, f"报送前可先自查：carestat check {following} --source {source} --period {period}"]


def _remedy_of_trial(account: dict[str, Any], trial: Trial) -> list[str]:
    source, period = account["path"].split("/")[:2]
    again = f"改好后可再自查：carestat check {masked(trial.file_name)} --source {source} --period {period}"
    if trial.supplier:
        again += f" --supplier {trial.supplier}"
    if not trial.deliver_as or account["reason"] == "bad_filename":
        return [name_remedy("bad_filename", trial.file_name), again]
    mend = name_remedy(account["reason"], trial.file_name) if account["reason"] else MEND_ROWS
    return [mend, f"改好后以 {trial.deliver_as} 报送。", again]


def name_remedy(reason: str, file_name: str) -> str:
    """What to do about a checked file that is refused as a whole; with another name its rows could be checked."""
    remedy = of_file(reason).remedy.replace("后重报", "后报送")
    readable = Path(file_name).suffix.lower() in KINDS and not file_name.startswith((".", "~$"))
    if reason == "bad_filename" and readable and FILE_NAME.fullmatch(file_name) is None:
        remedy += "文件名以后再改、先查内容的，自查时加 --supplier <6位区划代码>。"
    return remedy


def _summary(faults: pl.DataFrame, rows: DeliveredRows, contract: Any) -> list[tuple[str, str, int, str, str]]:
    lines = pl.col("row_number").unique().sort()
    groups = faults.group_by("reason", "column", maintain_order=True).agg(
        pl.col("row_number").n_unique().alias("rows"), lines.head(NAMED_ROWS).alias("first")
    )
    known = Row(titles=rows.titles_by_column)
    summary = []
    for reason, column, count, first in groups.sort("rows", descending=True, maintain_order=True).iter_rows():
        named = "、".join(map(str, first)) + ("…" if count > len(first) else "")
        title = known.titled(contract, column).title if column else ""
        why = f"{'不符合：' if reason.startswith('rule:') else ''}{title_of(reason, contract)}"
        summary.append((why, title, count, named, of_row(contract, reason, column, known).remedy))
    return summary
