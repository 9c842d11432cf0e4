"""What a reader can work out of a component, by linear programs; and why, where it is too much."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import highspy
import numpy as np

from pipelines.publication.disclosure.holders import EVERYONE, View
from pipelines.publication.disclosure.joint import Component, Unknown
from pipelines.publication.disclosure.rule import PROTECTION, least_open

TINY = 1e-6

#: a small count (its place in the component) and where it has to be able to go: −1 down, +1 up
Aim = tuple[int, int]


class Shield:
    """The component's counts as departures from the truth: published ones cannot move, hidden ones down to zero.

    The truth is no departure at all, so every program is feasible.
    """

    def __init__(self, component: Component, unknowns: list[Unknown]) -> None:
        """Build the program once; what is hidden only moves bounds."""
        self.members = [unknowns[index] for index in component.members]
        self._parts: Mapping[int, float] = {}
        self.aims = [
            (place, direction)
            for place, unknown in enumerate(self.members)
            if unknown.is_small
            for direction in (-1, 1)
            if self._needed(place, direction) > TINY
        ]
        self._found: list[tuple[frozenset[int], frozenset[Aim]]] = []
        self._program = quiet()
        for unknown in self.members:
            self._program.addVar(-unknown.value, highspy.kHighsInf)
        places = {index: place for place, index in enumerate(component.members)}
        for relation in component.relations:
            moving = [(places[index], weight) for index, weight in relation.terms if index in places]
            slack = sum(weight * unknowns[index].value for index, weight in relation.terms)
            low, high = (0.0, 0.0) if relation.kind == "sum" else (-slack, highspy.kHighsInf)
            self._program.addRow(
                low, high, len(moving), np.array([m[0] for m in moving]), np.array([m[1] for m in moving])
            )

    def cuts(self, hidden: Collection[int], view: View = EVERYONE) -> Iterator[tuple[Aim, dict[int, float]]]:
        """For every aim out of reach: of these published places, by what share of the way each could help, Σ ≥ 1.

        Hiding what is seen in the `view` is no help. A capacity cut of the subproblem's dual (Fischetti & Salazar
        2001). Empty shares: nothing can help.
        """
        free = set(hidden) - view.seen
        self._parts = view.parts
        left = {aim for aim in self.aims if aim[0] not in view.seen and self._needed(*aim) > TINY}
        for moved, reached in self._found:
            if moved <= free:
                left -= reached
        for place in range(len(self.members)):
            self._bound(place, place in free)
        for direction in (-1, 1):
            left -= self._reach_together([aim for aim in sorted(left) if aim[1] == direction])
        for aim in sorted(left):
            cut = self._cut(aim, free | view.seen)
            if cut is not None:
                yield aim, cut

    def _needed(self, place: int, direction: int) -> float:
        """How far the count has to be able to go in that direction."""
        value = self.members[place].value
        return PROTECTION.high - value if direction > 0 else value - least_open(value, self._parts.get(place, 0.0))

    def _bound(self, place: int, is_hidden: bool, cap: float = highspy.kHighsInf) -> None:
        self._program.changeColBounds(place, *((-self.members[place].value, cap) if is_hidden else (0.0, 0.0)))

    def _reach_together(self, aims: list[Aim]) -> set[Aim]:
        """Aims reached by moving as many counts at once as will go, again and again: one program proves many."""
        reached: set[Aim] = set()
        while left := [aim for aim in aims if aim not in reached]:
            for place, direction in left:
                self._aim(place, direction)
            departures = self._solve()[0]
            for place, _ in left:
                self._program.changeColCost(place, 0.0)
                self._bound(place, True)
            new = self._reached(departures) & set(left)
            if not new:
                break
            reached |= new
        return reached

    def _aim(self, place: int, direction: int) -> None:
        self._program.changeColCost(place, -float(direction))
        self._bound(place, True, self._needed(place, 1) if direction > 0 else highspy.kHighsInf)

    def _solve(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Departures, reduced costs, optimum."""
        self._program.run()
        status = self._program.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"线性规划未解出 · linear program: {status}")
        solution = self._program.getSolution()
        return np.array(solution.col_value), np.array(solution.col_dual), self._program.getObjectiveValue()

    def _reached(self, departures: np.ndarray) -> frozenset[Aim]:
        """What these departures show to be possible; kept, since it holds while the moved counts stay hidden, unless
        part of a count is known.
        """
        reached = frozenset(
            (place, direction)
            for place, direction in self.aims
            if direction * departures[place] >= self._needed(place, direction) - TINY
        )
        moved = frozenset(np.flatnonzero(np.abs(departures) > TINY).tolist())
        self._found.append((moved, frozenset(aim for aim in reached if aim[0] not in self._parts)))
        return reached

    def _cut(self, aim: Aim, free: set[int]) -> dict[int, float] | None:
        place, direction = aim
        self._aim(place, direction)
        departures, reduced, optimum = self._solve()
        self._program.changeColCost(place, 0.0)
        self._bound(place, True)
        if aim in self._reached(departures):
            return None
        missing = self._needed(place, direction) + optimum
        shares = {}
        for other, unknown in enumerate(self.members):
            if other in free or not unknown.is_open or abs(reduced[other]) < TINY:
                continue
            room = unknown.value if reduced[other] > 0 else np.inf
            share = min(1.0, abs(reduced[other]) * room / missing)
            if share > TINY:
                shares[other] = share
        return shares


def quiet() -> highspy.Highs:
    """A solver that prints nothing and goes the same way every time."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    return solver
