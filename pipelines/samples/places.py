"""The communities and villages that the invented registers stand in: codes, towns, who was first to have what.

A community's code is its town's nine digits and 001 on, a village's its town's and 201 on; the names are numbered.
"""

from dataclasses import dataclass
from functools import cache

from pipelines.samples.chance import apportion, ranks
from pipelines.samples.reference import BANAN, DAZHOU, area_counties, children

# communities (of which in streets: city communities; in towns: town communities) and villages, by county in code order
CITY = {BANAN: 84, DAZHOU: 290}
TOWN = {BANAN: 36, DAZHOU: 330}
VILLAGES = {BANAN: 180, DAZHOU: 1780}


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    town: str
    county: str
    kind: str  # 城市社区, 镇社区, 村


def is_street(name: str) -> bool:
    return name.endswith("街道")


@cache
def towns(county: str) -> dict[str, str]:
    """Town code → name, in code order."""
    return {town.code: town.name for town in children(county)}


@cache
def places(area: str) -> tuple[Place, ...]:
    """Every community and village of Banan or of Dazhou, by code."""
    found = []
    every = [(county, town, name) for county in area_counties(area) for town, name in towns(county).items()]
    streets = [place for place in every if is_street(place[2])]
    others = [place for place in every if not is_street(place[2])]
    for group, total, kind, first in (
        (streets, CITY[area], "城市社区", 1),
        (others, TOWN[area], "镇社区", 1),
        (every, VILLAGES[area], "村", 201),
    ):
        weights = [1.0 if is_street(name) or kind != "村" else 3.0 for _, _, name in group]
        for (county, town, name), count in zip(group, apportion(total, weights), strict=True):
            for number in range(count):
                label = f"{name}第{number + 1}{'村' if kind == '村' else '社区'}"
                found.append(Place(f"{town}{first + number:03d}", label, town, county, kind))
    return tuple(sorted(found, key=lambda place: place.code))


@cache
def first_to_have(area: str, what: str, kinds: tuple[str, ...]) -> dict[str, int]:
    """Community code → its turn (from 0) in getting `what`, among the places of these kinds."""
    return ranks([place.code for place in places(area) if place.kind in kinds], what)
