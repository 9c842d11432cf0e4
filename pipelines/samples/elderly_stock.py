"""The invented stock of elderly-care facilities: every home that exists at some time from 2020 to 2025, and its dates.

What a document prints of 2020 is fixed here: the numbers of homes in service and their beds add up to it exactly.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from pipelines.samples.chance import apportion, below, day, draw, ranks
from pipelines.samples.places import first_to_have, is_street, places, towns
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties


@dataclass(frozen=True)
class Group:
    """Homes of one kind: how many have opened by the end of each year, and the beds of those open in 2020."""

    kind: str
    opened: tuple[int, ...]
    beds: int
    nursing: int
    ownership: str
    operators: tuple[str, ...]
    where: str
    inclusive: int = 0  # the first so many turns are inclusive from the start; -1 = all
    offset: int = 0  # first of the ranked towns, where = 'town'
    comprehensive: int = 0  # the first so many homes
    later_beds: int = 0  # beds of a home opened after 2020
    closing: tuple[int, ...] = ()  # numbers of the homes that close between 2021 and 2025
    fate: str = ""  # 'suspended' since 2019, or 'closed' in 2020


@dataclass(frozen=True)
class Home:
    id: str
    name: str
    group: Group
    number: int
    county: str
    town: str
    community: str | None
    urban_rural: str
    beds: int
    nursing: int
    opened_on: date | None
    closed_on: date | None

    @property
    def is_institution_kind(self) -> bool:
        return self.group.kind in INSTITUTION_KINDS

    def in_service(self, as_of: date) -> bool:
        opened = self.opened_on is None or self.opened_on <= as_of
        return opened and not (self.closed_on and self.closed_on <= as_of) and self.group.fate != "suspended"

    def is_institution(self, as_of: date) -> bool:
        return self.in_service(as_of) and self.is_institution_kind and self.beds >= 10


INSTITUTION_KINDS = ("社会福利院", "敬老院", "养护院", "区域养老服务中心", "养老院", "老年公寓", "嵌入式养老机构")
GOVERNMENT, PRIVATE = ("事业单位", "乡镇政府"), ("民营企业", "民办非企业单位", "个体工商户", "国有企业")
MIXED = ("民办非企业单位", "事业单位", "民营企业")
SIX = 6

# one row a group
STOCK: dict[str, tuple[Group, ...]] = {
    # 189 institutions with 20,100 beds, 6,030 (30.0 %) for nursing; 24,960 service beds, 7,488 (30.0 %) for nursing
    DAZHOU: (
        Group("社会福利院", (8,) * SIX, 1500, 640, "公办", GOVERNMENT, "county", -1),
        Group("敬老院", (92,) * SIX, 9700, 2600, "公办", GOVERNMENT, "town", -1, 0, 48, closing=tuple(range(70, 88))),
        Group("养护院", (4, 5, 6, 7, 7, 7), 600, 360, "公办", ("事业单位",), "county", -1, later_beds=120),
        Group("区域养老服务中心", (12, 20, 34, 48, 60, 82), 960, 280, "公建民营", MIXED, "town", -1, 92, 69, 58),
        Group("养老院", (61, 64, 67, 70, 73, 75), 6700, 1960, "民办", PRIVATE, "street", 28, later_beds=90),
        Group("嵌入式养老机构", (12, 15, 19, 23, 27, 30), 640, 190, "民办", PRIVATE, "street", 8, later_beds=40),
        Group("嵌入式养老机构", (11,) * SIX, 70, 20, "民办", PRIVATE, "street", comprehensive=5),
        Group("社区养老服务综合体", (9, 12, 21, 24, 27, 30), 180, 60, "公办", MIXED, "street", later_beds=20),
        Group("社区日间照料中心", (445, 462, 488, 517, 548, 573), 2230, 900, "公办", MIXED, "daycare", later_beds=5),
        Group("社区养老服务站", (60, 70, 80, 90, 100, 110), 120, 0, "公办", MIXED, "community", later_beds=2),
        Group("农村幸福院", (508, 540, 580, 640, 700, 760), 2220, 438, "集体", ("村集体",), "village", later_beds=4),
        Group("失能特困人员集中照护点", (6, 8, 10, 12, 14, 14), 40, 40, "公办", GOVERNMENT, "county", later_beds=12),
        # none of these counts: not in service, or not a kind with service beds
        Group("养老院", (4,) * SIX, 200, 60, "民办", PRIVATE, "street", comprehensive=4, fate="suspended"),
        Group("敬老院", (5,) * SIX, 150, 10, "公办", GOVERNMENT, "street", fate="closed"),
        Group("光荣院", (3,) * SIX, 120, 20, "公办", GOVERNMENT, "county"),
        Group("家庭养老床位", (7,) * SIX, 140, 140, "民办", PRIVATE, "street"),
        Group("老年助餐点", (40, 52, 70, 95, 120, 150), 0, 0, "公办", MIXED, "community"),
    ),
    # 48 institutions with 5,000 beds: 1,615 (32.3 %) for nursing, 3,000 (60 %) inclusive
    BANAN: (
        Group("社会福利院", (1,) * SIX, 300, 130, "公办", GOVERNMENT, "county", -1),
        Group("敬老院", (14,) * SIX, 850, 240, "公办", GOVERNMENT, "town", -1, 0, 9, closing=(12,)),
        Group("养老院", (13, 14, 15, 16, 17, 18), 1500, 520, "民办", PRIVATE, "street", -1, later_beds=80),
        Group("老年公寓", (13, 13, 14, 14, 14, 14), 2000, 600, "民办", PRIVATE, "street", 0, later_beds=100),
        Group("嵌入式养老机构", (7, 8, 9, 10, 11, 12), 350, 125, "民办", PRIVATE, "street", -1, later_beds=40),
        Group("区域养老服务中心", (0, 1, 2, 4, 5, 6), 0, 0, "公建民营", MIXED, "town", -1, 0, 6, later_beds=60),
        Group("嵌入式养老机构", (2, 2, 2, 2, 2, 2), 14, 4, "民办", PRIVATE, "street"),
        Group("社区养老服务综合体", (9,) * SIX, 270, 60, "公办", MIXED, "street"),
        Group("社区日间照料中心", (108, 110, 113, 116, 118, 120), 540, 40, "公办", MIXED, "daycare", later_beds=5),
        Group("社区养老服务站", (40, 44, 48, 52, 56, 60), 80, 0, "公办", MIXED, "community", later_beds=2),
        Group("农村幸福院", (90, 104, 118, 130, 142, 150), 270, 0, "集体", ("村集体",), "village", later_beds=3),
        Group("养老院", (2,) * SIX, 110, 40, "民办", PRIVATE, "street", fate="suspended"),
        Group("敬老院", (1,) * SIX, 40, 0, "公办", GOVERNMENT, "town", fate="closed"),
        Group("光荣院", (1,) * SIX, 60, 20, "公办", GOVERNMENT, "county"),
        Group("家庭养老床位", (2,) * SIX, 90, 90, "民办", PRIVATE, "street"),
        Group("老年助餐点", (20, 24, 30, 36, 42, 48), 0, 0, "公办", MIXED, "community"),
    ),
}


@cache
def sites(area: str, where: str) -> list[tuple[str, str, str, str | None]]:
    """Where homes of a group stand, in turn: county, town, name of the place, community code."""
    inside = area_counties(area)
    every = [(county, town, name, None) for county in inside for town, name in towns(county).items()]
    streets = [site for site in every if is_street(site[2])]
    if where == "county":
        return [next(site for site in streets if site[0] == county) for county in inside]
    if where in ("street", "town"):
        chosen = [site for site in every if is_street(site[2]) == (where == "street")]
        turn = ranks([site[1] for site in chosen], where)
        return sorted(chosen, key=lambda site: turn[site[1]])
    kinds = ("村",) if where == "village" else ("城市社区", "镇社区")
    key = {"daycare": "has_daycare", "village": "village home", "community": "station"}[where]
    turn = first_to_have(area, key, kinds)
    here = sorted((place for place in places(area) if place.code in turn), key=lambda place: turn[place.code])
    return [(place.county, place.town, place.name, place.code) for place in here]


def opening(group: Group, number: int, key: str) -> date | None:
    """The day a home opened: before 2021 for those of 2020 (one in ten unknown), else within its year."""
    year = next(year for year, count in zip(YEARS, group.opened, strict=True) if number < count)
    if year > 2020:
        return day(year, "opened", key)
    if number == 0 and group.kind == "社区养老服务综合体":
        return date(2020, 12, 31)  # opened on the reporting day: in
    return None if below(10, "unknown", key) == 0 else day(2001 + below(19, "year", key), "opened", key)


def closing(group: Group, number: int, key: str) -> date | None:
    if group.fate == "closed":
        return date(2020, 12, 31) if number == 0 else day(2020, "closed", key)
    return day(2021 + below(5, "closed", key), "closed", key) if number in group.closing else None


@cache
def homes(area: str) -> tuple[Home, ...]:
    """Every home of Banan or Dazhou, group by group; ids count up within a county."""
    found: list[Home] = []
    issued: dict[str, int] = {}
    for turn, group in enumerate(STOCK[area]):
        first, last = group.opened[0], group.opened[-1]
        key = f"{area}/{turn}"
        weights = [0.7 + below(601, key, number) / 1000 for number in range(first)]
        beds = apportion(group.beds, weights) if first else []
        nursing = apportion(group.nursing, [count + 1e-9 for count in beds]) if first else []
        beds += [group.later_beds] * (last - first)
        nursing += [round(group.later_beds * 0.6) if group.kind in INSTITUTION_KINDS else 0] * (last - first)
        stand = sites(area, group.where)
        for number in range(last):
            county, town, place, community = stand[(group.offset + number) % len(stand)]
            issued[county] = issued.get(county, 0) + 1
            own = f"{key}/{number}"
            count = f"第{number + 1}" if group.where in ("street", "county") else ""
            name = f"{place}{count}{group.kind}"
            urban = "城市" if is_street(towns(county)[town]) else "乡村" if group.where == "village" else "镇区"
            opened, closed = opening(group, number, own), closing(group, number, own)
            ident = f"{county}YL{issued[county]:04d}"
            where = (county, town, community, urban)
            found.append(Home(ident, name, group, number, *where, beds[number], nursing[number], opened, closed))
    return tuple(found)


def operator(home: Home) -> str:
    """Who runs it; a home owned by the public but run by others is never run by government."""
    choice = home.group.operators
    if home.group.ownership == "公建民营":
        choice = tuple(kind for kind in choice if kind != "事业单位")
    return choice[draw("operator", home.id) % len(choice)]


@cache
def since(area: str, what: str, counts: tuple[int, ...]) -> dict[str, date]:
    """Home → the day it got `what`: the institutions of 2020 first, `counts` of them by the end of each year."""
    there = [home for home in homes(area) if home.is_institution_kind and home.beds >= 10 and not home.group.fate]
    order = sorted(there, key=lambda home: (home.number >= home.group.opened[0], draw(what, home.id)))
    days: dict[str, date] = {}
    for place, home in enumerate(order):
        year = next((year for year, count in zip(YEARS, counts, strict=True) if place < count), None)
        if year:
            got = date(2020, 6, 20) if year == 2020 else day(year, what, home.id)
            days[home.id] = max(got, home.opened_on or got)
    return days
