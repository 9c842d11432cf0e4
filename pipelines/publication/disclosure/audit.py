"""The proof, apart from the plan: what a reader of all editions can work out about each small count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import Former, former
from pipelines.publication.disclosure.holders import EVERYONE, Holder, View
from pipelines.publication.disclosure.plan import Plan
from pipelines.publication.disclosure.relations import KEY
from pipelines.publication.disclosure.rule import PROTECTION, is_covered, is_small, least_open

SCHEMA = {
    **dict.fromkeys(KEY, pl.String),
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "protected": pl.Boolean,
    "holder": pl.String,
}

Count = tuple[str, str, str, float]
TINY = 1e-6


class Recoverable(Exception):
    """A hidden count can be worked out too closely; nothing may be published."""


@dataclass(frozen=True)
class Audit:
    """`intervals`: one row a small count of any edition: its key, true `value`, the `low` and `high` of what can be
    worked out (persons; high is infinite where nothing bounds it) and whether that leaves PROTECTION open. `holder`
    is null: so far for every reader; for holders of accounts only what is not protected from them has a row, theirs.
    """

    intervals: pl.DataFrame

    def lines(self, worst: int = 10) -> list[str]:
        """The `worst` intervals, narrowest first. They tell a true count's range: for cleared staff."""
        narrowest = self.intervals.sort("protected", pl.col("high") - pl.col("low"), *KEY).head(worst)
        return [
            f"{row['family']} {row['region_code']} {row['period']}："
            f"可推出的范围 [{row['low']:g}, {row['high']:g}]，{'受保护' if row['protected'] else '可以推出'}"
            f" · {'protected' if row['protected'] else 'RECOVERABLE'}"
            f"{' by ' + row['holder'] if row['holder'] else ''}"
            for row in narrowest.iter_rows(named=True)
        ]

    def raise_if_recoverable(self) -> None:
        """Raises Recoverable, naming the counts and what can be worked out of them."""
        exposed = self.intervals.filter(~pl.col("protected"))
        if not exposed.is_empty():
            told = "\n".join(self.lines(min(exposed.height, 20)))
            raise Recoverable(
                f"{exposed.height} 个小计数可以推出（须留出 {PROTECTION.low:g}—{PROTECTION.high:g}），不予公布"
                f" · small counts that can be recovered\n{told}"
            )


def audit(cells: Cells, plan: Plan, earlier: list[Former], holders: Sequence[Holder] = ()) -> Audit:
    """Bounds on every small count by two linear programs each, over all editions with this one under `plan`; and for
    each of the `holders`, what his own counts tell him of the others.

    A count that kept its value is one and the same; what any edition printed is known; counts are not negative, and
    not zero where an edition prints a zero beside them: it would have printed them too.
    """
    editions = [*earlier, former(cells, plan)]
    printed: set[Count] = set()
    everywhere: dict[Count, None] = {}
    equations: dict[tuple[str, tuple[tuple[Count, float], ...]], None] = {}
    floors: dict[Count, float] = {}
    for edition in editions:
        known_before = set(printed)
        counts: dict[tuple[str, str, str], Count] = {}
        for family, region_code, period, value, hidden in edition.cells.select(*KEY, "value", "hidden").iter_rows():
            count = counts[family, region_code, period] = (family, region_code, period, value)
            everywhere[count] = None
            if not hidden:
                printed.add(count)
        new_zeros = {count for count in printed - known_before if count[3] == 0}
        terms: dict[tuple[str, str], list[tuple[Count, float]]] = defaultdict(list)
        for name, kind, family, region_code, period, coefficient in edition.relations.iter_rows():
            terms[name, kind].append((counts[family, region_code, period], coefficient))
        for (_, kind), told in terms.items():
            equations[kind, tuple(sorted(told))] = None
            if kind == "sum" and any(count in new_zeros for count, _ in told):
                floors |= {count: 1.0 for count, _ in told if count not in printed}
    unknown = everywhere.keys() - printed
    rows = []
    for members, within in _parts(unknown, list(equations)):
        system = _System(members, within, floors)
        small = [place for place, count in enumerate(members) if is_small(count[3])]
        for place, low, high in system.bounds(small):
            rows.append((*members[place], low, high, is_covered(low, high), None))
        for holder in holders if small else ():
            view = holder.view(members)
            asked = [place for place in small if place not in view.seen] if view.seen else []
            for place, low, high in system.exposed(asked, view):
                rows.append((*members[place], low, high, False, holder.region_code))
    return Audit(pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(*KEY, "value", "holder"))


Equation = tuple[str, tuple[tuple[Count, float], ...]]


def _parts(unknown: set[Count], equations: list[Equation]) -> list[tuple[list[Count], list[Equation]]]:
    """Unknown counts that share equations, with these; found by walking from count to count."""
    touching: dict[Count, list[int]] = defaultdict(list)
    for number, (_, terms) in enumerate(equations):
        for count, _ in terms:
            if count in unknown:
                touching[count].append(number)
    parts = []
    seen: set[Count] = set()
    for start in sorted(unknown):
        if start in seen:
            continue
        seen.add(start)
        members, numbers, walk = [start], set(), [start]
        while walk:
            for number in touching[walk.pop()]:
                if number in numbers:
                    continue
                numbers.add(number)
                for count, _ in equations[number][1]:
                    if count in unknown and count not in seen:
                        seen.add(count)
                        members.append(count)
                        walk.append(count)
        parts.append((sorted(members), [equations[number] for number in sorted(numbers)]))
    return parts


class _System:
    """What is left unknown of one part, everything printed put in as a number."""

    def __init__(self, members: list[Count], equations: list[Equation], floors: dict[Count, float]) -> None:
        self._members = members
        self._lows = [floors.get(count, 0.0) for count in members]
        column = {count: place for place, count in enumerate(members)}
        self._program = program = highspy.Highs()
        program.setOptionValue("output_flag", False)
        program.setOptionValue("threads", 1)
        program.setOptionValue("presolve", "off")
        for low in self._lows:
            program.addVar(low, highspy.kHighsInf)
        for kind, terms in equations:
            told = sum(weight * count[3] for count, weight in terms)
            printed = sum(weight * count[3] for count, weight in terms if count not in column)
            left = [(column[count], weight) for count, weight in terms if count in column]
            low, high = (told - printed, told - printed) if kind == "sum" else (-printed, highspy.kHighsInf)
            program.addRow(low, high, len(left), np.array([at for at, _ in left]), np.array([by for _, by in left]))

    def bounds(self, asked: Iterable[int]) -> list[tuple[int, float, float]]:
        """Least and greatest value of each asked count."""
        found = []
        for place in asked:
            self._program.changeColCost(place, 1.0)
            low = self._optimum()
            self._program.changeColCost(place, -1.0)
            high = -self._optimum()
            self._program.changeColCost(place, 0.0)
            found.append((place, low, high))
        return found

    def exposed(self, asked: list[int], view: View = EVERYONE) -> list[tuple[int, float, float]]:
        """Those of the asked counts that are not protected from one with this `view`, with their bounds.

        Most are cleared many at a time: one solution in which a count lies low enough, and one in which it lies high
        enough, are proof.
        """
        least = {place: least_open(self._members[place][3], view.parts.get(place, 0.0)) for place in asked}
        for place in view.seen:
            value = self._members[place][3]
            self._program.changeColBounds(place, value, value)
        doubtful = self._not_shown(asked, 1.0, least) | self._not_shown(asked, -1.0, least)
        found = [
            (place, low, high)
            for place, low, high in self.bounds(sorted(doubtful))
            if not is_covered(low, high, least[place])
        ]
        for place in view.seen:
            self._program.changeColBounds(place, self._lows[place], highspy.kHighsInf)
        return found

    def _not_shown(self, asked: list[int], cost: float, least: dict[int, float]) -> set[int]:
        """Asked counts that no solution tried shows as low (cost 1) or as high (cost −1) as they must be able to be."""
        left = set(asked)
        while left:
            tried = sorted(left)
            for place in tried:
                self._program.changeColCost(place, cost)
                if cost < 0:
                    self._program.changeColBounds(place, self._lows[place], PROTECTION.high)
            self._optimum()
            values = self._program.getSolution().col_value
            for place in tried:
                self._program.changeColCost(place, 0.0)
                self._program.changeColBounds(place, self._lows[place], highspy.kHighsInf)
            shown = {
                place
                for place in tried
                if (values[place] <= least[place] + TINY if cost > 0 else values[place] >= PROTECTION.high - TINY)
            }
            if not shown:
                break
            left -= shown
        return left

    def _optimum(self) -> float:
        """Minus infinity where nothing bounds it."""
        self._program.run()
        status = self._program.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return -highspy.kHighsInf
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"核查的线性规划未解出 · audit program: {status}")
        # counts are whole: what the solver leaves beyond its tolerance is none
        return round(self._program.getObjectiveValue(), 6) + 0.0
