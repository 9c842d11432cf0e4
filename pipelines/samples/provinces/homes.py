"""Elderly-care facilities of Guizhou and Henan in Decembers: few rows a county, their sums as planned for the year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from pipelines.samples import elderly_facilities
from pipelines.samples.chance import apportion, below, day, draw, ranks
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

COLUMNS = (
    "facility_id", "facility_name", "county_code", "town_code", "urban_rural", "facility_type", "ownership",
    "operator_kind", "inclusive", "beds", "nursing_beds", "standardised", "disabled_tekun_focus", "opened_on", "status",
)  # fmt: skip
FIELDS = {field: elderly_facilities.FIELDS[field] for field in COLUMNS}
CENTRE, CARE_HOME, COMPLEX, DAY_CARE = "区域养老服务中心", "养护院", "街道综合养老服务设施", "社区日间照料中心"
NOT_INSTITUTIONS = (COMPLEX, DAY_CARE)
# kind of the homes that every county has: (where, beds of Guizhou, of Henan)
EVERYWHERE = {
    "社会福利院": ("城市", 240, 1000),
    "敬老院": ("镇区", 280, 900),
    "养老院": ("城市", 360, 1100),
    "护理院": ("城市", 0, 950),
    DAY_CARE: ("城市", 20, 0),
}
PRIVATE = ("养老院", "护理院")
# end of 2022, 2023, 2024, 2025
CARE_HOMES = (71, 78, 83, 86)  # of Guizhou's 88 counties; Henan's are not asked for
CENTRES = (680, 785, 876, 955)  # of Guizhou's 1,510 towns and streets: 63.2 % in 2025
STANDARDISED = (430, 510, 590, 652)  # of Guizhou's 1,145 towns and townships: 56.9 % in 2025
COMPLEXES = (560, 630, 690, 726)  # of Henan's streets
BEDS_OF_HENAN = (582_000, 614_000, 643_000, 669_000)
NURSING = {GUIZHOU: (0.43, 0.462, 0.488, 0.513), HENAN: (0.462, 0.496, 0.529, 0.562)}  # of institution beds
MARKET = {GUIZHOU: (0.537, 0.558, 0.585, 0.612), HENAN: (0.55, 0.57, 0.59, 0.61)}  # of city beds
GOVERNMENT = {GUIZHOU: (0.492, 0.451, 0.412, 0.380), HENAN: (0.45, 0.43, 0.41, 0.39)}  # of all beds


@dataclass(frozen=True)
class Home:
    id: str
    county: str
    town: str
    kind: str
    urban_rural: str
    weight: int
    turn: int  # its turn among those of its kind, where not every place has one

    @property
    def is_institution(self) -> bool:
        return self.kind not in NOT_INSTITUTIONS


@cache
def homes(province: str) -> tuple[Home, ...]:
    """Every home of the province, whether open yet or not."""
    found: list[Home] = []
    for county in counties(province):
        for number, (kind, (urban, guizhou, henan)) in enumerate(EVERYWHERE.items(), 1):
            weight = guizhou if province == GUIZHOU else henan
            town = streets(county)[0] if urban == "城市" else (townships(county) or streets(county))[0]
            if weight:
                found.append(Home(f"{county}YL{number:03d}", county, town, kind, urban, weight, -1))
    if province == GUIZHOU:
        turn = ranks(counties(GUIZHOU), "care home")
        found += [
            Home(f"{county}YL009", county, streets(county)[0], CARE_HOME, "镇区", 140, turn[county])
            for county in counties(GUIZHOU)
        ]
    found += in_every_town(province)
    return tuple(sorted(found, key=lambda home: home.id))


def in_every_town(province: str) -> list[Home]:
    """Guizhou: a centre for each town and street; Henan: a complex for each street, zones among them."""
    kind, mark, weight = (CENTRE, "QY", 36) if province == GUIZHOU else (COMPLEX, "ZH", 40)
    sites = [(county, town) for county in units(province) for town in towns(county)]
    if province == HENAN:
        sites = [(county, town) for county, town in sites if towns(county)[town].endswith("街道")]
    turn = ranks([town for _, town in sites], kind)
    return [
        Home(f"{county}{mark}{town[6:]}", county, town, kind, urban_rural(county, town), weight, turn[town])
        for county, town in sites
    ]


def urban_rural(county: str, town: str) -> str:
    return "城市" if towns(county)[town].endswith("街道") else "乡村" if below(3, "rural", town) else "镇区"


def openings(home: Home) -> tuple[float, ...]:
    return {CARE_HOME: CARE_HOMES, CENTRE: CENTRES, COMPLEX: COMPLEXES}[home.kind]


def opened_on(home: Home) -> date | None:
    """The day it opened; nothing for a home that has not by the end of 2025."""
    if home.turn < 0:
        return day(2005 + below(15, "since", home.id), "opened", home.id)
    year = next((year for year in YEARS if home.turn < at(year, openings(home))), None)
    if year == YEARS[0]:
        year = 2018 + below(5, "since", home.id)
    return day(year, "opened", home.id) if year else None


def sized(province: str, year: int) -> dict[Home, int]:
    """Homes in service at the end of the year → beds; Henan's add up to the planned total."""
    open_by_then = [home for home in homes(province) if (since := opened_on(home)) and since.year <= year]
    own = {home: home.weight * (70 + below(61, "beds", home.id)) // 100 for home in open_by_then}
    if province == GUIZHOU:
        return own
    large = [home for home in open_by_then if home.is_institution]
    small = sum(beds for home, beds in own.items() if not home.is_institution)
    grown = apportion(int(at(year, BEDS_OF_HENAN)) - small, [own[home] for home in large])
    return own | dict(zip(large, grown, strict=True))


def nursing(province: str, year: int, beds: dict[Home, int]) -> dict[Home, int]:
    """Nursing beds of the institutions: the planned share of their beds, homes differing by a sixth either way."""
    there = [home for home in beds if home.is_institution]
    planned = round(sum(beds[home] for home in there) * at(year, NURSING[province]))
    weights = [beds[home] * (85 + below(31, "nursing", home.id)) for home in there]
    return dict(zip(there, apportion(planned, weights), strict=True))


def market_run(province: str, year: int, beds: dict[Home, int]) -> set[Home]:
    """Homes not run by government: private ones, then public ones in turn until the planned shares are reached."""
    chosen: set[Home] = set()
    cities = {home: count for home, count in beds.items() if home.urban_rural == "城市"}
    elsewhere = {home: count for home, count in beds.items() if home.urban_rural != "城市"}
    in_cities = sum(cities.values()) * at(year, MARKET[province])
    planned = sum(beds.values()) * (1 - at(year, GOVERNMENT[province]))
    for stock, share in ((cities, in_cities), (elsewhere, planned - in_cities)):
        so_far = 0.0
        for home in sorted(stock, key=lambda home: (home.kind not in PRIVATE, draw("operator", home.id))):
            if home.kind in PRIVATE or so_far + stock[home] / 2 <= share:
                chosen.add(home)
                so_far += stock[home]
    return chosen


@cache
def standard_centres() -> dict[str, int]:
    """Town → its turn in having a standardised centre, among the towns and townships, those with a centre first."""
    rural = [home for home in homes(GUIZHOU) if home.kind == CENTRE and home.town in townships(home.county)]
    order = sorted(rural, key=lambda home: home.turn)
    return {home.town: turn for turn, home in enumerate(order)}


def records(province: str, year: int) -> list[dict[str, Cell]]:
    """The register at the end of the year: one row per home in service, by id."""
    beds = sized(province, year)
    care, market = nursing(province, year, beds), market_run(province, year, beds)
    found: list[dict[str, Cell]] = []
    for home, count in beds.items():
        private, run_by_market = home.kind in PRIVATE, home in market
        place = towns(home.county)[home.town] if home.turn >= 0 else names()[home.county]
        choice = ("民营企业", "民办非企业单位", "个体工商户" if private else "国有企业")
        public = "乡镇政府" if home.kind == "敬老院" else "事业单位"
        standard = home.kind == CENTRE and standard_centres().get(home.town, 10_000) < at(year, STANDARDISED)
        found.append(
            {
                "facility_id": home.id,
                "facility_name": f"{place}{home.kind}",
                "county_code": home.county,
                "town_code": home.town,
                "urban_rural": home.urban_rural,
                "facility_type": home.kind,
                "ownership": "民办" if private else "公建民营" if run_by_market else "公办",
                "operator_kind": choice[draw("kind", home.id) % 3] if run_by_market else public,
                "inclusive": not private or below(3, "inclusive", home.id) > 0,
                "beds": count,
                "nursing_beds": care.get(home, 0),
                "standardised": standard,
                "disabled_tekun_focus": home.kind == CARE_HOME,
                "opened_on": opened_on(home),
                "status": "运营",
            }
        )
    return found


def deliveries() -> Iterator[Delivery]:
    for province in PROVINCES:
        for year in YEARS:
            yield from files("elderly_facilities", f"{year}-12", province, FIELDS, records(province, year))
