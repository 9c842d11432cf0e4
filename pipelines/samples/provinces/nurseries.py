"""Childcare facilities of Guizhou and Henan in Decembers: one in most communities, few large ones; invented.

The places of a year add up to the planned places per 1,000 residents: 2.18 in Guizhou in 2022, as its document prints.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import ceil

from pipelines.samples import childcare_facilities
from pipelines.samples.chance import apportion, below, day, ranks
from pipelines.samples.deliver import Cell, Delivery
from pipelines.samples.places import towns
from pipelines.samples.provinces import people
from pipelines.samples.provinces.frame import (
    GUIZHOU,
    HENAN,
    PROVINCES,
    YEARS,
    at,
    counties,
    files,
    is_district,
    prefecture,
    streets,
)
from pipelines.samples.provinces.ledger import VILLAGE, places
from pipelines.samples.reference import names

COLUMNS = (
    "facility_id", "facility_name", "county_code", "town_code", "community_code", "facility_type", "ownership",
    "inclusive", "registered", "places", "demo_level", "urban_rural", "opened_on", "status",
)  # fmt: skip
FIELDS = {field: childcare_facilities.FIELDS[field] for field in COLUMNS}
POINT, CENTRE = "社区托育点", "托育服务指导中心"
# the large ones of every county, which share what the planned places leave
LARGE = {
    GUIZHOU: (("托育综合服务中心", "公办"), ("幼儿园托班", "公办"), ("幼儿园托班", "民办"), ("托育机构", "民办")),
    HENAN: (("托育综合服务中心", "公办"), ("托育机构", "民办")),
}
# end of 2022, 2023, 2024, 2025
PER_1000 = {GUIZHOU: (2.18, 2.86, 3.61, 4.30), HENAN: (2.62, 3.24, 3.85, 4.37)}
COVERED = {GUIZHOU: (0.62, 0.75, 0.87, 0.963), HENAN: (0.70, 0.79, 0.87, 0.943)}  # of the communities of the ledger
TOO_SMALL = (17, 11, 6, 3)  # large communities whose point has fewer than 90 places
CENTRES = (28, 37, 45, 50)  # of Henan's districts that have a guidance centre
RECOGNISED = (1, 1, 2, 3)  # demonstration institutions a prefecture of Guizhou
CENTRE_PLACES = 120


@dataclass(frozen=True)
class Site:
    id: str
    county: str
    town: str
    community: str | None
    kind: str
    ownership: str
    turn: int  # its turn in opening; -1: open since before 2022
    in_large_community: bool = False


@cache
def sites(province: str) -> tuple[Site, ...]:
    """Every site of the province, whether open yet or not, by id."""
    found: list[Site] = []
    communities = [place for place in places(province) if place.kind != VILLAGE]
    turn = ranks([place.code for place in communities], "point")
    for place in communities:
        ownership = "公办" if below(3, "owner", place.code) else "民办"
        ident = f"{place.county}TY{place.code[6:]}"
        site = Site(ident, place.county, place.town, place.code, POINT, ownership, turn[place.code], place.is_large)
        found.append(site)
    for county in counties(province):
        for number, (kind, ownership) in enumerate(LARGE[province], 1):
            found.append(Site(f"{county}TY{number:02d}", county, streets(county)[0], None, kind, ownership, -1))
    if province == HENAN:
        districts = [county for county in counties(HENAN) if is_district(county)]
        order = ranks(districts, "guidance centre")
        found += [Site(f"{code}TY00", code, streets(code)[0], None, CENTRE, "公办", order[code]) for code in districts]
    return tuple(sorted(found, key=lambda site: site.id))


def opened_on(site: Site, province: str) -> date | None:
    """The day it opened; nothing for a site that has not by the end of 2025."""
    if site.turn < 0:
        return day(2016 + below(5, "since", site.id), "opened", site.id)
    every = sum(other.kind == site.kind for other in sites(province))
    planned = CENTRES if site.kind == CENTRE else tuple(round(share * every) for share in COVERED[province])
    year = next((year for year in YEARS if site.turn < at(year, planned)), None)
    if year == YEARS[0]:
        year = 2019 + below(4, "since", site.id)
    return day(year, "opened", site.id) if year else None


@cache
def large_in_turn() -> dict[str, int]:
    """Point in a community of 20,000 people and more → its turn in having 90 places."""
    return ranks([site.id for site in sites(GUIZHOU) if site.in_large_community], "ninety places")


def own_places(site: Site, year: int) -> int:
    """Places of a point or guidance centre."""
    if site.kind == CENTRE:
        return CENTRE_PLACES
    if site.in_large_community:
        enough = len(large_in_turn()) - at(year, TOO_SMALL)
        return 96 + below(50, "places", site.id) if large_in_turn()[site.id] < enough else 60
    return 24 + below(30, "places", site.id)


def sized(province: str, year: int) -> dict[Site, int]:
    """Sites in service at the end of the year → places."""
    there = [site for site in sites(province) if (since := opened_on(site, province)) and since.year <= year]
    planned = ceil(at(year, PER_1000[province]) * people.total(province, year) / 1000)  # what is printed is reached
    own = {site: own_places(site, year) for site in there if site.turn >= 0}
    large = [site for site in there if site.turn < 0]
    weights = [people_of(site) * (8 + below(5, "weight", site.id)) for site in large]
    return own | dict(zip(large, apportion(planned - sum(own.values()), weights), strict=True))


def people_of(site: Site) -> int:
    """Weight of a county among the large sites: its residents in Guizhou, alike in Henan."""
    return people.total(site.county, 2022) if site.county[:2] == GUIZHOU[:2] else 1


def recognised(province: str, year: int) -> set[str]:
    """Demonstration institutions: the public kindergarten of the first counties of each prefecture of Guizhou."""
    chosen: dict[str, list[str]] = {}
    for site in sites(province):
        if province == GUIZHOU and site.kind == "幼儿园托班" and site.ownership == "公办":
            chosen.setdefault(prefecture(site.county), []).append(site.id)
    return {ident for ids in chosen.values() for ident in ids[: int(at(year, RECOGNISED))]}


def records(province: str, year: int) -> list[dict[str, Cell]]:
    """The register at the end of the year: one row per site in service, by id."""
    demo = recognised(province, year)
    return [
        {
            "facility_id": site.id,
            "facility_name": f"{towns(site.county)[site.town] if site.community else names()[site.county]}{site.kind}",
            "county_code": site.county,
            "town_code": site.town,
            "community_code": site.community,
            "facility_type": site.kind,
            "ownership": site.ownership,
            "inclusive": site.ownership == "公办" or below(2, "inclusive", site.id) == 0,
            "registered": site.ownership == "公办" or below(10, "registered", site.id) < 4 + year - YEARS[0],
            "places": count,
            "demo_level": "市级" if site.id in demo else "无",
            "urban_rural": "城市" if towns(site.county)[site.town].endswith("街道") else "镇区",
            "opened_on": opened_on(site, province),
            "status": "正常运营",
        }
        for site, count in sorted(sized(province, year).items(), key=lambda item: item[0].id)
    ]


def deliveries() -> Iterator[Delivery]:
    for province in PROVINCES:
        for year in YEARS:
            yield from files("childcare_facilities", f"{year}-12", province, FIELDS, records(province, year))
