"""The account of every file: how many of its rows went where, and the state that follows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .discover import DeliveredFile
from .parse import FileFacts
from .region_register import RegionsOn

#: outcome → path → delivered rows
Counts = dict[str, Counter[str]]


def accounts_of(
    files: list[tuple[DeliveredFile, FileFacts]], current: set[str], counts: Counts, regions: RegionsOn
) -> list[dict[str, Any]]:
    """One account per file; `current` are the paths that no later revision replaces."""
    accounts = []
    for file, facts in files:
        replaced = file.path not in current
        rows = facts.delivered - facts.ignored
        account = {
            "path": file.path,
            "reason": facts.reason,
            "standing": not replaced and facts.reason is None,
            "supplier_code": regions.resolve(file.supplier).code,
            "delivered": facts.delivered,
            "landed": counts["landed"][file.path],
            "quarantined": counts["quarantined"][file.path],
            "superseded": rows if replaced else counts["superseded"][file.path],
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
