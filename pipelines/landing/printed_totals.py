"""Printed totals against the rows they stand for: finding subtotal_mismatch (reason_codes)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.contracts.delivery import facts_of

from .parsed import ParsedFile

WORDS = (
    "表中{label}为 {printed}，已接收各行相加为 {total}{left} · printed total differs from the sum of the rows taken in"
)
LEFT = "（{rows} 行拒收未计入）"


class PrintedTotals:
    """Totals that the files of a source × period print, and the values of the rows that landed.

    A total may stand below its rows or above them, for a group or for all; it differs where it is none of these sums.
    Shares and averages are not added up, so only columns with a unit that can be summed are compared. Files that are
    read in parts are not looked at.
    """

    def __init__(self, files: list[ParsedFile], contract: Any) -> None:
        self._totals = {parsed.file.path: parsed.facts.subtotals for parsed in files if parsed.facts.subtotals}
        self._period = {parsed.file.path: parsed.file.period for parsed in files}
        self._contract = contract
        numeric = ("integer", "decimal")
        facts = facts_of(contract)
        self._columns = [n for n, f in facts.items() if f.kind in numeric and f.unit not in ("", "%") and f.kept]
        self._rows: dict[Any, pl.DataFrame] = {}
        self._refused: dict[Any, Counter[str]] = {}

    def add(self, batch: Any, landed: pl.DataFrame, superseded: pl.DataFrame, refused: pl.DataFrame) -> None:
        """The rows of a batch that landed, and those that a lower-level supplier's replace; the last word counts."""
        if self._totals:
            self._refused[batch] = Counter(refused["path"])
            wanted = ["path", "row", *(pl.col(name).cast(pl.Decimal(38, 6)) for name in self._columns)]
            mine = pl.concat([part.select(wanted) for part in (landed, superseded)])
            self._rows[batch] = mine.filter(pl.col("path").is_in(list(self._totals)))

    def findings(self) -> list[dict[str, Any]]:
        """One finding per total and column that differs."""
        if not self._rows:
            return []
        rows = pl.concat(self._rows.values())
        return [
            finding
            for path, totals in sorted(self._totals.items())
            for finding in self._of_file(path, totals, rows.filter(pl.col("path") == path))
        ]

    def _of_file(self, path: str, totals: list[dict[str, Any]], rows: pl.DataFrame) -> list[dict[str, Any]]:
        found, before = [], 0
        refused = sum((counted[path] for counted in self._refused.values()), 0)
        left = LEFT.format(rows=refused) if refused else ""
        for total in totals:
            ranges = [rows, rows.filter(pl.col("row") < total["row"])]
            ranges.append(ranges[1].filter(pl.col("row") > before))
            before = total["row"]
            for name, printed in total["values"].items():
                sums = [Decimal(part[name].sum() or 0) for part in ranges] if name in self._columns else []
                if sums and Decimal(printed) not in sums:
                    nearest = min(sums, key=lambda value: abs(value - Decimal(printed)))
                    told = {"printed": _plain(Decimal(printed)), "total": _plain(nearest), "left": left}
                    words = WORDS.format(label=total["label"], **told)
                    found.append(self._finding(path, total["row"], name, words))
        return found

    def _finding(self, path: str, row: int, column: str, words: str) -> dict[str, Any]:
        place = {"path": path, "source": self._contract.source, "period": self._period[path]}
        return place | {"finding": "subtotal_mismatch", "row_number": row, "column": column, "detail": words}


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
