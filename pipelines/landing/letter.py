"""What an answer to a supplier says: of the file, of its refused rows, and how to mend them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from .discover import FILE_NAME
from .masking import masked
from .reasons import Row, of_file, of_row, title_of
from .refusals import DeliveredRows, Refusal, delivered_rows, in_words

#: what a reader can look through: of further refused rows only the number is told
MOST_ROWS = 10_000
NAMED_ROWS = 5
VERDICTS = {"rejected": "未接收", "partly": "部分接收"}
COUNTS = {"delivered": "交付行", "landed": "接收", "quarantined": "拒收", "superseded": "被替代", "ignored": "忽略"}


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


def letter_of(
    delivered: Path,
    kind: str,
    account: dict[str, Any],
    quarantine: pl.DataFrame,
    faults: pl.DataFrame,
    contract: Any,
    most: int | None = MOST_ROWS,
) -> Letter:
    """What `write_answer` says of a file, by the same arguments; of the first `most` refused rows in words."""
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
        "文件": masked(account["path"]) or "",
        "来源": contract.title_zh if contract else masked(source) or "",
        "时期": masked(period) or "",
        "报送单位": " ".join(filter(None, [supplier, account.get("supplier_name") or ""])),
        "结论": _verdict(account),
        "行数": "，".join(f"{title} {account[name]}" for name, title in COUNTS.items()),
    }
    return Letter(
        head,
        _remedy(account, account["path"]),
        in_words(told, rows, contract, supplier),
        rows,
        refused,
        len(every),
        _summary(faults, rows, contract),
    )


def _verdict(account: dict[str, Any]) -> str:
    verdict = VERDICTS.get(account["state"], "部分接收")
    if account["reason"]:
        return f"整份{verdict}：{of_file(account['reason'], account.get('detail') or '').what}"
    return f"{verdict}：{account['quarantined']} 行拒收，其余行不受影响"


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
    mend = (
        of_file(account["reason"]).remedy if account["reason"] else "按“拒收行”中标色的单元格和原因，在原文件中改正。"
    )
    again = f"改好后整份重报（已接收的行也要在内），文件名为 {following}，放在同一文件夹；它替代本文件，原文件留存。"
    source, period = path.split("/")[:2]
    return [mend, again, f"报送前可先自查：carestat check {following} --source {source} --period {period}"]


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
        summary.append(
            (title_of(reason, contract), title, count, named, of_row(contract, reason, column, known).remedy)
        )
    return summary
