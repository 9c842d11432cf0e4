"""childcare_facilities: the monthly register of childcare places; 2020 gives the printed counts and places."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from pipelines.samples.chance import apportion, below, day, ranks
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.elderly_facilities import months
from pipelines.samples.places import is_street, places, towns
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties, names

FIELDS = {
    "facility_id": "托育机构编码|备案编号",
    "facility_name": "托育机构名称|机构名称",
    "county_code": "所在县级区划代码|区县代码",
    "town_code": "所在乡镇代码|乡镇街道代码",
    "community_code": "所在村社区代码|社区代码",
    "facility_type": "机构类型",
    "ownership": "机构性质|举办主体",
    "inclusive": "是否普惠",
    "registered": "是否备案|备案状态",
    "places": "托位数|托位数（个）",
    "enrolled": "在托人数|实际收托人数",
    "demo_level": "示范级别",
    "demo_recognised_on": "示范认定日期",
    "central_project": "是否中央资金支持项目",
    "central_project_places": "中央资金支持托位数",
    "leases_state_asset": "是否租赁经营性国有资产",
    "contract_rent": "合同月租金|合同月租金（元/月）",
    "urban_rural": "城乡属性",
    "staff": "工作人员数|从业人员数",
    "floor_area": "建筑面积|建筑面积（平方米）",
    "monthly_fee": "月收费标准",
    "opened_on": "投入运营日期|开业日期",
    "closed_on": "关停日期",
    "status": "运营状态",
}


@dataclass(frozen=True)
class Group:
    """Facilities of one kind: how many have opened by the end of each year, and the places of those open in 2020."""

    kind: str
    ownership: str
    opened: tuple[int, ...]
    places: int
    later_places: int
    closing: tuple[int, ...] = ()
    fate: str = ""


@dataclass(frozen=True)
class Site:
    id: str
    name: str
    group: Group
    county: str
    town: str
    community: str | None
    turn: int  # the site's turn among all sites of the area; the first of each town has the town's number
    places: int
    opened_on: date
    closed_on: date | None


SIX = 6
STOCK: dict[str, tuple[Group, ...]] = {
    # 676 institutions: 488 private, 188 public; 7,001 places with the twelve home points
    DAZHOU: (
        Group("幼儿园托班", "公办", (140, 146, 154, 164, 174, 180), 1500, 40),
        Group("社区托育点", "公办", (38, 42, 48, 56, 64, 70), 340, 30),
        Group("用人单位托育点", "公办", (8, 9, 10, 12, 13, 14), 100, 30),
        Group("托育服务指导中心", "公办", (2, 3, 4, 6, 7, 8), 150, 120),
        Group("托育机构", "民办", (200, 212, 232, 256, 282, 300), 2500, 70, closing=tuple(range(180, 192))),
        Group("幼儿园托班", "民办", (250, 256, 262, 268, 274, 280), 2100, 36),
        Group("社区托育点", "民办", (38, 41, 45, 50, 56, 60), 261, 25),
        Group("家庭托育点", "民办", (12, 16, 20, 24, 28, 32), 50, 5),
        Group("托育机构", "民办", (9,) * SIX, 160, 0, fate="suspended"),
        Group("托育机构", "民办", (6,) * SIX, 120, 0, fate="closed"),
    ),
    # 1,014 places: 0.86 per 1,000 residents
    BANAN: (
        Group("幼儿园托班", "公办", (12, 13, 15, 18, 20, 22), 230, 60),
        Group("托育机构", "民办", (22, 25, 30, 36, 42, 46), 600, 75),
        Group("社区托育点", "公办", (6, 7, 9, 11, 13, 15), 90, 35),
        Group("幼儿园托班", "民办", (6, 8, 10, 12, 14, 16), 80, 40),
        Group("托育服务指导中心", "公办", (0, 0, 1, 1, 1, 1), 0, 150),
        Group("家庭托育点", "民办", (3, 4, 5, 6, 7, 8), 14, 5),
        Group("托育机构", "民办", (2,) * SIX, 70, 0, fate="suspended"),
    ),
}
EXPANSION = {DAZHOU: 1.75, BANAN: 1.9}  # places of the sites of 2020 after they were enlarged, in 2021 to 2025
# towns with an inclusive point at the end of 2020 … 2025: the town's first site is one
INCLUSIVE_TOWNS = {DAZHOU: (40, 66, 90, 112, 130, 146), BANAN: (3, 6, 9, 12, 15, 17)}
DEMO = {DAZHOU: (0, 5, 9, 14, 20, 26), BANAN: (0, 1, 2, 4, 5, 7)}  # first so many sites are recognised
# of these, recognised by the province and when (None: the register does not say); at least 市级 from their turn on
PROVINCIAL = {
    "511702TY0001": date(2021, 12, 1),
    "511703TY0001": date(2022, 9, 20),
    "511781TY0001": date(2022, 9, 20),
    "511702TY0004": date(2023, 10, 18),
    "511725TY0002": date(2023, 10, 18),
    "511781TY0002": date(2024, 11, 5),
    "511781TY0003": None,
    "511722TY0003": date(2025, 4, 22),
}
CLOSED = {"500113TY0109": date(2025, 4, 18)}  # suspended before


@cache
def ranked_towns(area: str) -> list[tuple[str, str]]:
    """County and town in the order in which towns get an inclusive point."""
    inside = area_counties(area)
    every = [(county, town) for county in inside for town in towns(county)]
    turn = ranks(every, "childcare")
    return sorted(every, key=lambda site: turn[site])


@cache
def sites(area: str) -> tuple[Site, ...]:
    """Every site of Banan or Dazhou; those open in 2020 take the towns in turn, later ones go on from there."""
    ledger: dict[str, list[str]] = {}
    for place in places(area):
        if place.kind != "村":
            ledger.setdefault(place.town, []).append(place.code)
    found: list[Site] = []
    issued: dict[str, int] = {}
    for order, group in enumerate(STOCK[area]):
        first = group.opened[0]
        weights = [0.6 + below(801, area, order, number) / 1000 for number in range(first)]
        sizes = apportion(group.places, weights) if first else []
        sizes += [group.later_places] * (group.opened[-1] - first)
        for number, size in enumerate(sizes):
            turn = len(found)
            county, town = ranked_towns(area)[turn % len(ranked_towns(area))]
            issued[county] = issued.get(county, 0) + 1
            here = ledger.get(town, [])
            community = here[turn % len(here)] if here and group.kind in ("托育机构", "社区托育点") else None
            year = next(year for year, count in zip(YEARS, group.opened, strict=True) if number < count)
            key = (area, order, number)
            opened = day(year if year > 2020 else 2012 + below(8, "since", *key), "opened", *key)
            closed = day(2021 + below(5, "closed", *key), "closed", *key) if number in group.closing else None
            closed = day(2020, "closed", *key) if group.fate == "closed" else closed
            name = f"{towns(county)[town]}第{issued[county]}{group.kind}"
            ident = f"{county}TY{issued[county]:04d}"
            closed = CLOSED.get(ident, closed)
            found.append(Site(ident, name, group, county, town, community, turn, size, opened, closed))
    return tuple(found)


def enlarged(site: Site, area: str, as_of: date) -> int:
    """Places as of the day; a site of 2020 is enlarged once, in 2021 to 2025."""
    when = day(2021 + below(5, "enlarged", site.id), "enlarged", site.id)
    return round(site.places * EXPANSION[area]) if site.opened_on.year < 2020 and when <= as_of else site.places


def inclusive(site: Site, area: str, as_of: date) -> bool:
    """The first site of a town that has its turn is inclusive, and half of the others there; elsewhere none."""
    number = site.turn % len(ranked_towns(area))
    has_point = number < INCLUSIVE_TOWNS[area][as_of.year - YEARS[0]]
    return has_point and (site.turn == number or below(2, "inclusive", site.id) == 0)


def status(site: Site, as_of: date) -> str | None:
    """运营状态, or nothing when not in the register: closed in an earlier year, or opening over half a year on."""
    if site.closed_on and site.closed_on <= as_of:
        return "关闭" if site.closed_on.year == as_of.year else None
    if site.opened_on > as_of:
        return "筹建" if site.opened_on - as_of < timedelta(days=180) else None
    return "暂停" if site.group.fate == "suspended" else "正常运营"


def demonstration(site: Site, area: str, as_of: date) -> tuple[str, date | None]:
    """示范级别 and the day of recognition: of the city from the site's turn on, later of the province for some."""
    if site.group.ownership != "公办" or site.turn >= DEMO[area][as_of.year - YEARS[0]]:
        return "无", None
    if site.id in PROVINCIAL and (PROVINCIAL[site.id] or as_of) <= as_of:
        return "省级", PROVINCIAL[site.id]
    return "市级", date(2021, 12, 1) if site.opened_on < date(2021, 12, 1) else None


def tenancy(site: Site) -> dict[str, Cell]:
    """A third of the nurseries and points in communities rent state-owned premises; the rent is in steps of 50 fen."""
    leases = site.group.kind in ("托育机构", "社区托育点") and below(3, "premises", site.id) == 0
    rent = Decimal(site.places * (50 + below(40, "rent", site.id))) + Decimal(below(2, "fen", site.id)) / 2
    return {"leases_state_asset": leases, "contract_rent": rent if leases else None}


def record(site: Site, area: str, as_of: date, state: str) -> dict[str, Cell]:
    size = enlarged(site, area, as_of)
    demo_level, recognised_on = demonstration(site, area, as_of)
    central = site.group.kind == "托育机构" and site.opened_on.year >= 2021 and site.turn % 3 == 0
    street = is_street(towns(site.county)[site.town])
    public = site.group.ownership == "公办"
    return {
        "facility_id": site.id,
        "facility_name": site.name,
        "county_code": site.county,
        "town_code": site.town,
        "community_code": site.community,
        "facility_type": site.group.kind,
        "ownership": site.group.ownership,
        "inclusive": inclusive(site, area, as_of),
        "registered": public or below(10, "registered", site.id) < 3 + as_of.year - YEARS[0],
        "places": size,
        "enrolled": size * (40 + below(51, "enrolled", site.id, as_of.year)) // 100,
        "demo_level": demo_level,
        "demo_recognised_on": recognised_on,
        "central_project": central,
        "central_project_places": 45 + 5 * below(6, "central", site.id) if central else None,
        **tenancy(site),
        "urban_rural": "城市" if street else "镇区",
        "staff": 2 + size // 7,
        "floor_area": size * (6 + below(5, "area", site.id)),
        "monthly_fee": (800 if public else 1500) + 20 * below(40, "fee", site.id),
        "opened_on": site.opened_on,
        "closed_on": site.closed_on if site.closed_on and site.closed_on <= as_of else None,
        "status": state,
    }


@cache
def register(area: str, as_of: date) -> list[dict[str, Cell]]:
    """The register of Banan or Dazhou as of the day, one row per site, by id."""
    listed = [(site, status(site, as_of)) for site in sorted(sites(area), key=lambda site: site.id)]
    return [record(site, area, as_of, state) for site, state in listed if state]


def planted(path: str, found: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    if path.startswith("2024-12/511725"):
        return [*found[:-1], {**found[-1], "town_code": "511725999"}]
    if path.startswith("2023-12/500113"):
        return [{**found[0], "places": "约20"}, *found[1:]]
    return found


def workbook(county: str, as_of: date) -> Delivery:
    """A county's December register: title row, 合计 row."""
    path = f"{as_of:%Y-%m}/{county}.xlsx"
    found = [row for row in register(DAZHOU, as_of) if row["county_code"] == county]
    total: list[Cell] = [None] * len(FIELDS)
    total[0] = "合计"
    total[list(FIELDS).index("places")] = sum(int(row["places"]) for row in found)
    rows = [cells(FIELDS, row) for row in planted(path, found)]
    title = f"{names()[county]}托育机构名册（{as_of.year}年{as_of.month}月）"
    return Delivery(f"childcare_facilities/{path}", headings(FIELDS, 1), rows, title, total)


def deliveries() -> Iterator[Delivery]:
    for as_of in months():
        december = as_of.month == 12
        path = f"{as_of:%Y-%m}/{BANAN}.{'csv' if december else 'parquet'}"
        rows = [cells(FIELDS, row) for row in planted(path, register(BANAN, as_of))]
        yield Delivery(f"childcare_facilities/{path}", headings(FIELDS), rows, bom=december)
        if december:
            yield from (workbook(county, as_of) for county in area_counties(DAZHOU))
        else:
            rows = [cells(FIELDS, row) for row in register(DAZHOU, as_of)]
            yield Delivery(f"childcare_facilities/{as_of:%Y-%m}/{DAZHOU}.parquet", headings(FIELDS), rows)
