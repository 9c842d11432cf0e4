"""The proof, apart from the plan: what a reader of all editions can work out about each small count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import Former, former
from pipelines.publication.disclosure.plan import Plan
from pipelines.publication.disclosure.relations import KEY
from pipelines.publication.disclosure.rule import PROTECTION, is_covered, is_small

SCHEMA = {
    **dict.fromkeys(KEY, pl.String),
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "protected": pl.Boolean,
}

Count = tuple[str, str, str, float]


class Recoverable(Exception):
    """A hidden count can be worked out too closely; nothing may be published."""


@dataclass(frozen=True)
class Audit:
    """`intervals`: one row a small count of any edition: its key, true `value`, the `low` and `high` of what can be
    worked out (persons; high is infinite where nothing bounds it) and whether that leaves PROTECTION open.
    """

    intervals: pl.DataFrame

    def lines(self, worst: int = 10) -> list[str]:
        """The `worst` intervals, narrowest first. They tell a true count's range: for cleared staff."""
        narrowest = self.intervals.sort("protected", pl.col("high") - pl.col("low"), *KEY).head(worst)
        return [
            f"{row['family']} {row['region_code']} {row['period']}："
            f"可推出的范围 [{row['low']:g}, {row['high']:g}]，{'受保护' if row['protected'] else '可以推出'}"
            f" · {'protected' if row['protected'] else 'RECOVERABLE'}"
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


def audit(cells: Cells, plan: Plan, earlier: list[Former]) -> Audit:
    """Bounds on every small count by two linear programs each, over all editions with this one under `plan`.

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
        small = [count for count in members if is_small(count[3])]
        for count, low, high in _bounds(members, within, small, floors):
            rows.append((*count, low, high, is_covered(low, high)))
    return Audit(pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(*KEY, "value"))


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


def _bounds(
    members: list[Count], equations: list[Equation], asked: list[Count], floors: dict[Count, float]
) -> list[tuple[Count, float, float]]:
    """Least and greatest value of each asked count, everything printed put in as a number."""
    if not asked:
        return []
    column = {count: place for place, count in enumerate(members)}
    program = highspy.Highs()
    program.setOptionValue("output_flag", False)
    program.setOptionValue("threads", 1)
    program.setOptionValue("presolve", "off")
    for count in members:
        program.addVar(floors.get(count, 0.0), highspy.kHighsInf)
    for kind, terms in equations:
        told = sum(weight * count[3] for count, weight in terms)
        printed = sum(weight * count[3] for count, weight in terms if count not in column)
        left = [(column[count], weight) for count, weight in terms if count in column]
        low, high = (told - printed, told - printed) if kind == "sum" else (-printed, highspy.kHighsInf)
        program.addRow(low, high, len(left), np.array([at for at, _ in left]), np.array([by for _, by in left]))
    found = []
    for count in asked:
        program.changeColCost(column[count], 1.0)
        low = _optimum(program)
        program.changeColCost(column[count], -1.0)
        high = -_optimum(program)
        program.changeColCost(column[count], 0.0)
        found.append((count, low, high))
    return found


def _optimum(program: highspy.Highs) -> float:
    """Minus infinity where nothing bounds it."""
    program.run()
    status = program.getModelStatus()
    if status == highspy.HighsModelStatus.kUnbounded:
        return -highspy.kHighsInf
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"核查的线性规划未解出 · audit program: {status}")
    # counts are whole: what the solver leaves beyond its tolerance is none
    return round(program.getObjectiveValue(), 6) + 0.0
