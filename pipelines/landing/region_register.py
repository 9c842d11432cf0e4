"""The region register as of a day: which codes are valid, what became of the others, who lies beneath whom."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple

import polars as pl

NATION = "000000"
REGISTER_COLUMNS = ("region_code", "parent_code", "level", "valid_from", "valid_to", "successor_code")


class Resolved(NamedTuple):
    """`code` as of the day; `fault` is unknown_region or ambiguous_region, `mapped` says that the code changed."""

    code: str | None
    fault: str | None = None
    mapped: bool = False


class Register:
    """Every code with its validity intervals, from the newest snapshot of each supplier; read when first asked."""

    def __init__(self, load: Callable[[], pl.DataFrame]) -> None:
        self._load = load
        self._days: dict[date, RegionsOn] = {}

    @cached_property
    def rows(self) -> pl.DataFrame:
        return self._load()

    def on(self, day: date) -> RegionsOn:
        """The register read at the end of `day`."""
        since = self.since(day)
        if since not in self._days:
            self._days[since] = RegionsOn(self.rows.select(REGISTER_COLUMNS).iter_rows(), since)
        return self._days[since]

    def since(self, day: date) -> date:
        """The last day up to `day` on which a code began or ended: from then on the register says the same."""
        place = bisect_right(self._changes, day)
        return self._changes[place - 1] if place else date.min

    @cached_property
    def _changes(self) -> list[date]:
        return sorted({day for name in ("valid_from", "valid_to") for day in self.rows[name].drop_nulls()})


class RegionsOn:
    """The register on one day."""

    def __init__(self, rows: Iterable[tuple[str, str, str, date, date | None, str | None]], day: date) -> None:
        self.parent: dict[str, str] = {}
        self._level: dict[str, str] = {}
        self._successors: dict[str, tuple[date, list[str]]] = {}
        self._last_parent: dict[str, str] = {}
        for code, parent, level, start, end, successor in rows:
            if start <= day and (end is None or end > day):
                self.parent.setdefault(code, parent)
                self._level.setdefault(code, level)
            elif end is not None and end <= day and end >= self._successors.get(code, (date.min, []))[0]:
                self._last_parent[code] = parent
                self._successors[code] = (
                    end,
                    [part.strip() for part in re.split("[;；]", successor or "") if part.strip()],
                )
        self._with_counties = {self.parent[code] for code, level in self._level.items() if level == "county"}
        self._towns_with_villages = {code[:9] for code in self.parent if len(code) == 12}
        self._resolved: dict[str, Resolved] = {}
        self._lines: dict[str, list[str]] = {}

    def __contains__(self, code: str) -> bool:
        return code in self.parent or code in self._successors

    def resolve(self, code: str) -> Resolved:
        """The code valid on the day: itself, its single successor (mapped), or why there is none."""
        if code not in self._resolved:
            self._resolved[code] = self._resolve(code)
        return self._resolved[code]

    def _resolve(self, code: str) -> Resolved:
        if len(code) == 12 and code not in self:
            short = code
            while short not in self and short.endswith("000") and len(short) > 6:
                short = short[:-3]
            if short in self:
                return self._followed(short)
            if code[:9] not in self._towns_with_villages:
                # no village of that town is registered: its head decides, the code stays
                head = self._followed(code[:9])
                return Resolved(code if head.fault is None else None, head.fault)
        return self._followed(code)

    def _followed(self, code: str) -> Resolved:
        seen = {code}
        current = code
        while current not in self.parent:
            _, successors = self._successors.get(current, (None, []))
            if len(successors) > 1:
                return Resolved(None, "ambiguous_region")
            if not successors or successors[0] in seen:
                return Resolved(NATION) if code == NATION else Resolved(None, "unknown_region")
            current = successors[0]
            seen.add(current)
        return Resolved(current, None, current != code)

    def is_of_level(self, code: str, level: str) -> bool:
        """A prefecture without counties (441900 东莞市) stands for the county that it does not have."""
        own = self._level.get(code)
        return own == level or (level == "county" and own == "prefecture" and code not in self._with_counties)

    def parent_of(self, code: str) -> str | None:
        """regions.parent_code; a village of a town without registered villages belongs to its 9-digit head."""
        if code in self.parent:
            return self.parent[code]
        if len(code) == 12 and (head := self.resolve(code[:9]).code):
            return head
        return None

    def line_when_last_valid(self, code: str) -> list[str]:
        """The line of the code that stands for it today; of one that nothing stands for, the line it was in."""
        ended: list[str] = []
        while (current := self.resolve(code).code) is None and code in self._last_parent and code not in ended:
            ended.append(code)
            code = self._last_parent[code]
        return [*ended, *self.line_of(current or code)]

    def line_of(self, code: str) -> list[str]:
        """The region and all above it, up to the nation."""
        if code not in self._lines:
            line = [code]
            while (parent := self.parent_of(line[-1])) is not None and parent not in line:
                line.append(parent)
            self._lines[code] = line if line[-1] == NATION else [*line, NATION]
        return self._lines[code]
