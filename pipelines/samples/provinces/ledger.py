"""The yearly ledger of a few communities and villages of every county of Guizhou and Henan; invented.

A community's code is its town's nine digits and 001 on, a village's its town's and 201 on; the names are numbered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.samples import communities
from pipelines.samples.chance import below, ranks
from pipelines.samples.deliver import Cell, Delivery
from pipelines.samples.places import towns
from pipelines.samples.provinces.frame import (
    GUIZHOU,
    HENAN,
    PROVINCES,
    YEARS,
    at,
    counties,
    files,
    streets,
    townships,
    units,
)
from pipelines.samples.reference import names

CITY, TOWN, VILLAGE = "城市社区", "镇社区", "村"
ANY, COMMUNITY = (CITY, TOWN, VILLAGE), (CITY, TOWN)
# share of the listed places of these kinds that have it at the end of 2022 … 2025: (kinds, Guizhou, Henan)
HAVING: dict[str, tuple[tuple[str, ...], tuple[float, ...], tuple[float, ...]]] = {
    "has_daycare": (COMMUNITY, (0.62, 0.70, 0.78, 0.85), (0.70, 0.77, 0.84, 0.90)),
    "has_home_service": (ANY, (0.77, 0.83, 0.88, 0.916), (0.80, 0.85, 0.89, 0.93)),
    "has_home_institution": (ANY, (0.55, 0.62, 0.69, 0.75), (0.60, 0.67, 0.74, 0.80)),
    "four_services": (ANY, (0.40, 0.48, 0.56, 0.63), (0.45, 0.53, 0.61, 0.68)),
    "has_emergency_rescue": (ANY, (0.38, 0.47, 0.56, 0.65), (0.42, 0.51, 0.60, 0.69)),
    "has_visit_system": (ANY, (0.81, 0.87, 0.93, 0.97), (0.80, 0.86, 0.92, 0.96)),
    "three_society_linkage": (ANY, (0.35, 0.44, 0.53, 0.62), (0.36, 0.45, 0.54, 0.63)),
    "eldercare_places": (COMMUNITY, (0.80, 0.86, 0.91, 0.95), (0.88, 0.92, 0.955, 0.979)),
    "rural_mutual_demo": ((VILLAGE,), (0.26, 0.44, 0.55, 0.62), (0.10, 0.15, 0.20, 0.25)),
    "home_visit_demo": (COMMUNITY, (0.11, 0.18, 0.24, 0.276), (0.0, 0.0, 0.0, 0.0)),
}
FOUR_SERVICES = ("svc_meal", "svc_cleaning", "svc_bathing", "svc_mobility")
FLAGS = tuple(what for what in HAVING if what in communities.FIELDS and what != "eldercare_places")
COLUMNS = ("community_code", "community_name", "town_code", "county_code", "community_type", "population", "elderly_60")
FIELDS = {field: communities.FIELDS[field] for field in (*COLUMNS, "eldercare_places", *FLAGS, *FOUR_SERVICES)}
FIELDS["home_visit_demo"] = "是否居家上门服务示范点"
RESIDENTS = {CITY: (4_000, 12_000), TOWN: (2_000, 4_500), VILLAGE: (900, 1_800)}  # at least, and up to so many more
LARGE = (21_000, 13_000)  # the first city community of a city or city district of Guizhou


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    town: str
    county: str
    kind: str
    is_large: bool


@cache
def places(province: str) -> tuple[Place, ...]:
    """Guizhou: two city communities, two town communities and two villages a county; Henan: one city community
    a street (zones too), and one town community and one village a county with towns. By code."""
    found: list[Place] = []
    for county in units(province):
        sites: list[tuple[str, str]] = []
        rural = townships(county)
        if province == GUIZHOU:
            city = streets(county)
            sites = [(city[0], CITY), (city[1 % len(city)], CITY), (rural[0], TOWN), (rural[1 % len(rural)], TOWN)]
            sites += [(rural[-1], VILLAGE), (rural[-2 % len(rural)], VILLAGE)]
        else:
            sites = [(town, CITY) for town in streets(county) if towns(county)[town].endswith("街道")]
            if rural and county in counties(HENAN):
                sites += [(rural[0], TOWN), (rural[-1], VILLAGE)]
        issued: dict[str, int] = {}
        for turn, (town, kind) in enumerate(sites):
            first = 201 if kind == VILLAGE else 1
            number = issued.get(f"{town}{first}", 0)
            issued[f"{town}{first}"] = number + 1
            name = f"{towns(county)[town]}第{number + 1}{'村' if kind == VILLAGE else '社区'}"
            large = province == GUIZHOU and turn == 0 and names()[county].endswith(("区", "市"))
            found.append(Place(f"{town}{first + number:03d}", name, town, county, kind, large))
    return tuple(sorted(found, key=lambda place: place.code))


@cache
def first_to_have(province: str, what: str) -> dict[str, int]:
    """Community code → its turn (from 0) in getting `what`, among the places of the kinds that can."""
    return ranks([place.code for place in places(province) if place.kind in HAVING[what][0]], what)


def has(place: Place, what: str, province: str, year: int) -> bool:
    turn = first_to_have(province, what)
    share = at(year, HAVING[what][1 if province == GUIZHOU else 2])
    return place.code in turn and turn[place.code] < round(share * len(turn))


def record(place: Place, province: str, year: int) -> dict[str, Cell]:
    least, more = LARGE if place.is_large else RESIDENTS[place.kind]
    population = least + below(more, "residents", place.code)
    four = has(place, "four_services", province, year)
    some = below(3, "some services", place.code)  # a place without all four has none, one or two of them
    return {
        "community_code": place.code,
        "community_name": place.name,
        "town_code": place.town,
        "county_code": place.county,
        "community_type": place.kind,
        "population": population,
        "elderly_60": population * (14 + below(9, "elders", place.code) + year - YEARS[0]) // 100,
        "eldercare_places": int(has(place, "eldercare_places", province, year)) * (1 + below(2, "places", place.code)),
        **{what: has(place, what, province, year) for what in (*FLAGS, "home_visit_demo")},
        **{service: four or some > number for number, service in enumerate(FOUR_SERVICES)},
    }


def deliveries() -> Iterator[Delivery]:
    for province in PROVINCES:
        for year in YEARS:
            rows = [record(place, province, year) for place in places(province)]
            yield from files("communities", str(year), province, FIELDS, rows)
