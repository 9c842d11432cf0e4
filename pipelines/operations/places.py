"""The register of regions as the release in service holds it: who lies beneath whom, and what a code is called."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property

import polars as pl

from pipelines.landing.region_register import NATION, REGISTER_COLUMNS, Register
from pipelines.operations.record import Record

ROWS = """
    select region_code, parent_code, level, valid_from, valid_to, successor_code,
           region_name, county_kind = 'zone' and not coalesce(reports_separately, false) as told_by_host
    from released.reference.region
    where length(region_code) = 6
    order by region_code, valid_from
"""
SCOPES = "select distinct scope_region from released.reference.document where scope_region is not null"
EMPTY = dict.fromkeys(("region_code", "parent_code", "level", "successor_code", "region_name"), pl.String) | {
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "told_by_host": pl.Boolean,
}


class Places:
    """Six-digit regions. Before the first release there are none: every code is then called by itself."""

    def __init__(self, rows: pl.DataFrame | None = None, governed: frozenset[str] = frozenset()) -> None:
        self.rows = pl.DataFrame(schema=EMPTY) if rows is None else rows
        self._governed = governed
        self._beneath: dict[tuple[str, date], dict[str, list[str]]] = {}
        self.register = Register(lambda: self.rows.select(REGISTER_COLUMNS))

    def name(self, code: str) -> str:
        """The latest name; the code itself where none is known."""
        return self._names.get(code, code)

    def beneath(self, code: str, level: str, day: date) -> list[str]:
        """The regions of `level` beneath `code` on a day, in order; zones that report through their host are none."""
        since = self.register.since(day)
        if (level, since) not in self._beneath:
            self._beneath[level, since] = self._of_level(level, since)
        return self._beneath[level, since].get(code, [])

    def _of_level(self, level: str, day: date) -> dict[str, list[str]]:
        """Code → the regions of `level` beneath it on a day."""
        register = self.register.on(day)
        beneath: dict[str, list[str]] = {}
        for region in sorted(register.parent.keys() - self._hosted):
            if register.is_of_level(region, level):
                for above in set(register.line_of(region)[1:]):
                    beneath.setdefault(above, []).append(region)
        return beneath

    def above(self, code: str, day: date) -> list[str]:
        """The regions that `code` lies in on a day, the nearest first, without the nation."""
        return [region for region in self.register.on(day).line_of(code)[1:] if region != NATION]

    def is_governed(self, code: str, day: date) -> bool:
        """Whether a document's region is this one or above it (completeness is judged within these)."""
        return not self._governed.isdisjoint(self.register.on(day).line_of(code))

    def former(self, code: str, day: date) -> list[str]:
        """The ended codes that `code` stands for on a day."""
        return [ended for ended in self._heirs.get(code, ()) if self.register.on(day).resolve(ended).code == code]

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self.rows.select("region_code", "region_name").drop_nulls().iter_rows())

    @cached_property
    def _heirs(self) -> dict[str, list[str]]:
        """Code → the ended codes that it came after, whenever that was."""
        ended = self.rows.select("region_code", "successor_code").drop_nulls()
        single = {code: heir.strip() for code, heir in ended.iter_rows() if re.fullmatch(r"\s*\d{6}\s*", heir)}
        heirs: dict[str, list[str]] = {}
        for code in sorted(single):
            line = [code]
            while (heir := single.get(line[-1])) and heir not in line:
                heirs.setdefault(heir, []).append(code)
                line.append(heir)
        return heirs

    @cached_property
    def _hosted(self) -> set[str]:
        return set(self.rows.filter("told_by_host")["region_code"])


def places_of(record: Record) -> Places:
    """The regions of the release in service; none where there is no release."""
    rows = record.rows(ROWS)
    governed = frozenset(row["scope_region"] for row in record.rows(SCOPES))
    return Places(pl.DataFrame(rows, schema=EMPTY) if rows else None, governed)
