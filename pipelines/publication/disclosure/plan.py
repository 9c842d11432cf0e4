"""Which counts are hidden: the small ones and, by integer programming, the cheapest others that protect them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import Former
from pipelines.publication.disclosure.holders import Holder, View
from pipelines.publication.disclosure.joint import Component, Unknown, components, system
from pipelines.publication.disclosure.relations import KEY
from pipelines.publication.disclosure.shield import Shield, quiet


class NotProtectable(Exception):
    """A small count can be worked out whatever is hidden: an earlier edition printed too much."""


@dataclass(frozen=True)
class Plan:
    """What one edition hides, in all its tables and forms: `hidden`, one row a cell (family, region_code, period) and
    whether it is `primary`, a small count itself; the others (complementary) keep those from being worked out.
    """

    hidden: pl.DataFrame


def suppress(cells: Cells, earlier: list[Former], holders: Sequence[Holder] = ()) -> Plan:
    """The plan of least weight under which no small count of any edition can be worked out within PROTECTION, neither
    by a reader nor by any one of the `holders`.

    Complementary suppression as a mixed integer program, solved by cutting planes (Fischetti & Salazar, Management
    Science 47, 2001), component by component; what earlier editions hid and printed counts as they left it. Raises
    NotProtectable.
    """
    unknowns, relations = system(cells, earlier)
    hidden = [
        index
        for component in components(unknowns, relations)
        for index in _settle(component, unknowns, holders)
        if unknowns[index].is_open
    ]
    rows = [(*unknowns[index].cell, unknowns[index].is_small) for index in hidden]
    schema = {**dict.fromkeys(KEY, pl.String), "primary": pl.Boolean}
    return Plan(pl.DataFrame(rows, schema=schema, orient="row").sort(KEY))


def _settle(component: Component, unknowns: list[Unknown], holders: Sequence[Holder]) -> list[int]:
    """The hidden counts of one component."""
    shield = Shield(component, unknowns)
    counts = [(*unknown.cell, unknown.value) for unknown in shield.members]
    small = {place for place, unknown in enumerate(shield.members) if unknown.is_small}
    views = [view for view in (holder.view(counts) for holder in holders) if view.seen and small - view.seen]
    master = _Master(component, unknowns, views)
    while True:
        hidden = master.solve()
        cuts = list(shield.cuts(hidden))
        if not cuts:
            cuts = [cut for view in views for cut in shield.cuts(hidden, view)]
        for (place, _), shares in cuts:
            if not shares:
                family, region_code, period = shield.members[place].cell
                raise NotProtectable(
                    f"无论隐去哪些数，以前的版本已使 {family} {region_code} {period} 可以推出"
                    f" · can be worked out whatever is hidden: {family} {region_code} {period}"
                )
            master.require(shares)
        if not cuts:
            return [component.members[place] for place in hidden]


class _Master:
    """What to hide at least weight, under the requirements found so far."""

    def __init__(self, component: Component, unknowns: list[Unknown], views: Sequence[View]) -> None:
        self._program = quiet()
        self._program.setOptionValue("mip_rel_gap", 0.0)
        members = [unknowns[index] for index in component.members]
        for place, unknown in enumerate(members):
            is_fixed = unknown.is_small or not unknown.is_open
            self._program.addVar(1.0 if is_fixed else 0.0, 1.0)
            self._program.changeColCost(place, unknown.weight)
            self._program.changeColIntegrality(place, highspy.HighsVarType.kInteger)
        places = {index: place for place, index in enumerate(component.members)}
        for relation in component.relations:
            within = [places[index] for index, _ in relation.terms if index in places]
            if relation.kind == "sum":
                smalls = [place for place in within if members[place].is_small]
                for small in smalls:
                    # what one holder of an account sees protects from him only with another beside it
                    seen = {
                        place for view in views if small not in view.seen for place in view.seen.intersection(within)
                    }
                    self.require({place: 0.5 if place in seen else 1.0 for place in within if place != small})
                # a zero printed beside them would tell that none of the hidden ones is zero
                for zero in [place for place in within if smalls and members[place].value == 0]:
                    self.require({zero: 1.0})

    def require(self, shares: dict[int, float]) -> None:
        """Σ share × hidden ≥ 1."""
        self._program.addRow(
            1.0, highspy.kHighsInf, len(shares), np.array(list(shares)), np.array(list(shares.values()))
        )

    def solve(self) -> list[int]:
        """Places of the hidden counts."""
        self._program.run()
        return [place for place, taken in enumerate(self._program.getSolution().col_value) if taken > 0.5]
