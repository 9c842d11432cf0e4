"""All editions as one system: a count that kept its value is one unknown, whichever editions print or hide it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import Former
from pipelines.publication.disclosure.relations import KEY, TERM
from pipelines.publication.disclosure.rule import is_small

#: what was hidden before costs less to hide again: tables of two editions then look alike
HIDDEN_BEFORE = 0.1

Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Unknown:
    """One count. `is_known`: an earlier edition printed it. `is_open`: the edition to come may hide or print it;
    otherwise only an earlier one had it, hidden.
    """

    cell: Cell
    value: float
    weight: float
    is_known: bool
    is_open: bool

    @property
    def is_small(self) -> bool:
        """To be protected; what was printed once cannot be."""
        return is_small(self.value) and not self.is_known


@dataclass(frozen=True)
class Relation:
    """Σ coefficient × count = what it truly is ('sum'), or ≥ 0 ('order')."""

    kind: str
    terms: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Component:
    """Counts that bear on each other, by their number in the list of unknowns, and the relations among them."""

    members: tuple[int, ...]
    relations: tuple[Relation, ...]


def system(cells: Cells, earlier: list[Former]) -> tuple[list[Unknown], list[Relation]]:
    """The unknowns of all editions, in the order of their cells, and every distinct relation."""
    now = {_cell(row): row for row in cells.cells.iter_rows(named=True)}
    before: list[dict[Cell, dict[str, Any]]] = [
        {_cell(row): row for row in former.cells.iter_rows(named=True)} for former in earlier
    ]
    seen: dict[tuple[Cell, float], list[dict[str, Any]]] = defaultdict(list)
    for edition in [now, *before]:
        for cell, row in edition.items():
            seen[cell, row["value"]].append(row)
    keys = sorted(seen)
    place = {key: index for index, key in enumerate(keys)}
    unknowns = [_unknown(cell, value, seen[cell, value]) for cell, value in keys]
    relations: dict[Relation, None] = {}
    for frame, edition in zip(
        [cells.relations, *(former.relations for former in earlier)], [now, *before], strict=True
    ):
        terms: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        for row in frame.sort(TERM).iter_rows(named=True):
            cell = _cell(row)
            terms[row["relation"], row["kind"]].append((place[cell, edition[cell]["value"]], row["coefficient"]))
        for (_, kind), told in sorted(terms.items()):
            relations[Relation(kind, tuple(sorted(told)))] = None
    return unknowns, list(relations)


def components(unknowns: list[Unknown], relations: list[Relation]) -> list[Component]:
    """Parts that can be settled one by one; those without a small count are left out. A known count joins nothing."""
    above = list(range(len(unknowns)))

    def root(index: int) -> int:
        while above[index] != index:
            above[index] = above[above[index]]
            index = above[index]
        return index

    loose = [[index for index, _ in relation.terms if not unknowns[index].is_known] for relation in relations]
    for members in loose:
        for other in members[1:]:
            above[root(other)] = root(members[0])
    grouped: dict[int, list[int]] = defaultdict(list)
    for index, unknown in enumerate(unknowns):
        if not unknown.is_known:
            grouped[root(index)].append(index)
    within: dict[int, list[Relation]] = defaultdict(list)
    for relation, members in zip(relations, loose, strict=True):
        if members:
            within[root(members[0])].append(relation)
    return [
        Component(tuple(members), tuple(within[key]))
        for key, members in sorted(grouped.items())
        if any(unknowns[index].is_small for index in members)
    ]


def _cell(row: dict[str, Any]) -> Cell:
    family, region_code, period = (row[name] for name in KEY)
    return family, region_code, period


def _unknown(cell: Cell, value: float, rows: list[dict[str, Any]]) -> Unknown:
    """Rows of one count in several editions; only the edition to come gives a weight."""
    weights = [row["weight"] for row in rows if "weight" in row]
    past = [row["hidden"] for row in rows if "hidden" in row]
    weight = weights[0] if weights else 0.0
    return Unknown(
        cell=cell,
        value=value,
        weight=weight * HIDDEN_BEFORE if past else weight,
        is_known=not all(past),
        is_open=bool(weights),
    )
